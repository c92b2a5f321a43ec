# complete.zsh SCRIPT LINE WORD…: prints what zsh lists for a line that somebody types, with the
# completion script loaded, as soon as all the words are there.
zmodload zsh/zpty
zpty shell zsh -f -i
# Rows first, so that the words come in their order however many columns they take.
zpty -w shell "PS1= PS2=; setopt list_rows_first; autoload -Uz compinit && compinit -u -D; source ${(q)1}; print LOA''DED"
# Then the line editor asks for bracketed paste: it is ready.
zpty -r shell seen '*LOADED*2004h*'
# Control-D lists the choices.
zpty -w -n shell "$2"$'\x04'
zpty -r shell seen "*${(j:*:)@[3,-1]}*"
print -r -- "$seen"
zpty -d shell
