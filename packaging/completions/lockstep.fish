# fish completion for lockstep: the program knows what may come next.
complete -c lockstep -f -a '(lockstep complete --timeout 2 -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
