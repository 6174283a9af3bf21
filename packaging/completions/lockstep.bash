# bash completion for lockstep: the program knows what may come next.
_lockstep() {
	local way ways words=("${COMP_WORDS[@]:1:COMP_CWORD}")
	mapfile -t ways < <(lockstep complete --timeout 2 -- "${words[@]//\\/}" 2>/dev/null)
	COMPREPLY=()
	for way in "${ways[@]}"; do
		COMPREPLY+=("$(printf %q "$way")")
	done
}
complete -F _lockstep lockstep
