module watcher/bench/alerts

go 1.26
