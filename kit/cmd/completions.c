/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"

/*
 * The scripts call `bpftoll complete WORD…` (complete.h), so they offer what the installed bpftoll
 * accepts.
 */
static const struct {
	const char *shell, *script;
} scripts[] = {
	/*
	 * bash splits --option=value at the equals sign (COMP_WORDBREAKS) and replaces only the
	 * value
	 */
	{"bash", "# bash completion of bpftoll\n"
		 "_bpftoll() {\n"
		 "	local word words=()\n"
		 "	for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
		 "		[ \"$word\" = = ] || words+=(\"$word\")\n"
		 "	done\n"
		 "	word=${COMP_WORDS[COMP_CWORD]}\n"
		 "	[ \"$word\" != = ] || word=\n"
		 "	mapfile -t COMPREPLY < <(\"${COMP_WORDS[0]/#\\~/$HOME}\" complete "
		 "\"${words[@]}\" \"$word\" 2>/dev/null | cut -f 1)\n"
		 "	if [ \"${COMPREPLY[0]-}\" = :files ]; then\n"
		 "		COMPREPLY=()\n"
		 "		compopt -o default 2>/dev/null\n"
		 "	fi\n"
		 "}\n"
		 "complete -F _bpftoll bpftoll\n"},
	{"zsh", "#compdef bpftoll\n"
		"_bpftoll() {\n"
		"	local -a found\n"
		"	found=(\"${(@f)$(${~words[1]} complete \"${(@)words[2,CURRENT]}\" "
		"2>/dev/null)}\")\n"
		"	if [[ $found[1] == :files ]]; then\n"
		"		_files\n"
		"		return\n"
		"	fi\n"
		"	found=(\"${(@)found//:/\\\\:}\")\n"
		"	found=(\"${(@)found/$'\\t'/:}\")\n"
		"	_describe -V bpftoll found\n"
		"}\n"
		"if [ \"$funcstack[1]\" = _bpftoll ]; then\n"
		"	_bpftoll \"$@\"\n"
		"else\n"
		"	compdef _bpftoll bpftoll\n"
		"fi\n"},
	{"fish", "# fish completion of bpftoll\n"
		 "function __bpftoll_complete\n"
		 "	set -l words (commandline -opc)\n"
		 "	set -l typed (commandline -ct)\n"
		 "	set -l found ($words[1] complete $words[2..] \"$typed\" 2>/dev/null)\n"
		 "	if test \"$found[1]\" = :files\n"
		 "		__fish_complete_path \"$typed\"\n"
		 "	else\n"
		 "		printf '%s\\n' $found\n"
		 "	end\n"
		 "end\n"
		 "complete -c bpftoll -f -a '(__bpftoll_complete)'\n"},
};
#define SHELLS (sizeof(scripts) / sizeof(scripts[0]))

static const char *shell[1];
static size_t n_shells;

static int run(void)
{
	for (size_t i = 0; i < SHELLS; i++)
		if (!strcmp(scripts[i].shell, shell[0])) {
			fputs(scripts[i].script, stdout);
			return EXIT_DONE;
		}
	return options_wrong("no completions for '%s': there are bash, zsh and fish", shell[0]);
}

const struct command cmd_completions = {
	.name = "completions",
	.summary = "of commands, options and names, for bash, zsh or fish",
	.about = "Prints what teaches a shell to complete bpftoll's commands, options and names.",
	.more = "make install puts them where the shells look.",
	.examples = "  source <(bpftoll completions bash)\n"
		    "  bpftoll completions zsh >~/.zfunc/_bpftoll\n"
		    "  bpftoll completions fish >~/.config/fish/completions/bpftoll.fish",
	.operands = "bash|zsh|fish",
	.list = {shell, &n_shells, 1},
	.least = 1,
	.missing = "for which shell? bash, zsh or fish",
	.run = run,
};
