module watcher/bench/poll

go 1.26
