# bash completion for lockstep: the program knows what may come next.
_lockstep() {
	local IFS=$'\n' way words=("${COMP_WORDS[@]:1:COMP_CWORD}")
	COMPREPLY=()
	for way in $(lockstep complete --timeout 2 -- "${words[@]//\\/}" 2>/dev/null); do
		COMPREPLY+=("$(printf %q "$way")")
	done
}
complete -F _lockstep lockstep
