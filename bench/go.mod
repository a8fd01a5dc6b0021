module watcher/bench

go 1.26
