package org.spikecast.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** {@code spikecast completion}: a script that completes commands, options and their words in a shell. */
final class CompletionCommand extends Command {
    private final Option<String> shell = parameter("SHELL", "bash or zsh.").choices("bash", "zsh");

    private static final String BASH = "complete -o default -F _spikecast spikecast";

    /** zsh runs bash's function; {@code compset} makes the value of {@code --option=value} begin after the sign. */
    private static final String ZSH = """
            (( $+functions[compdef] )) || { autoload -U +X compinit && compinit; }
            autoload -U +X bashcompinit && bashcompinit
            _spikecast_zsh() {
              compset -P '--*='
              _bash_complete -o default -F _spikecast
            }
            compdef _spikecast_zsh spikecast""";

    CompletionCommand() {
        super(
                "completion",
                "Prints a script that completes commands, options and their values in a shell.",
                "source <(spikecast completion bash)",
                "source <(spikecast completion zsh)");
    }

    @Override
    int run(Console console, List<String> arguments) {
        console.print(script(Main.commands()) + (shell.choice() == 0 ? BASH : ZSH));
        return Main.DONE;
    }

    /** The function of bash, made from the declarations of the commands' options. */
    static String script(List<Command> commands) {
        StringBuilder text = new StringBuilder("""
                _spikecast() {
                  local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words= known
                  if [[ $last == = ]]; then last=${COMP_WORDS[COMP_CWORD-2]}; fi
                  if [[ $word == = ]]; then word=; last=${COMP_WORDS[COMP_CWORD-1]}; fi
                  if [[ $word == --*=* ]]; then last=${word%%=*} word=${word#*=}; fi # one word in zsh
                  if [[ $COMP_CWORD -gt 2 ]]; then
                    for known in TWO_WORDS; do
                      if [[ "$command ${COMP_WORDS[2]}" == "${known/+/ }" ]]; then command=${known/+/ }; break; fi
                    done
                  fi
                  if [[ $COMP_CWORD -eq 1 ]]; then
                    COMPREPLY=($(compgen -W 'FIRST_WORDS --help --version' -- "$word"))
                    return
                  fi
                  case "$command $last" in
                """);
        Set<String> first = new LinkedHashSet<>();
        List<String> both = new ArrayList<>();
        for (Command command : commands) {
            first.add(command.name.split(" ")[0]);
            if (command.name.contains(" ")) {
                both.add(command.name.replace(' ', '+'));
            }
            for (Option<?> option : command.options) {
                if (option.takesValue()) { // where nothing is listed, the shell completes file names
                    entry(text, command.name + " " + option.name, option.choices());
                }
            }
        }
        text.append("    *) case \"$command\" in\n");
        for (String word : first) {
            Set<String> words = new LinkedHashSet<>();
            for (Command command : commands) {
                if (command.name.startsWith(word + " ")) {
                    words.add(command.name.substring(word.length() + 1));
                }
            }
            commands.stream().filter(c -> c.name.equals(word)).forEach(c -> words.addAll(words(c)));
            entry(text, word, List.copyOf(words));
        }
        for (Command command : commands) {
            if (command.name.contains(" ")) {
                entry(text, command.name, words(command));
            }
        }
        return text.append("""
                    esac ;;
                  esac
                  COMPREPLY=($(compgen -W "$words" -- "$word"))
                }
                """)
                .toString()
                .replace("TWO_WORDS", String.join(" ", both))
                .replace("FIRST_WORDS", String.join(" ", first));
    }

    private static List<String> words(Command command) {
        List<String> words = new ArrayList<>();
        if (command.parameter != null) {
            words.addAll(command.parameter.choices());
        }
        command.options.forEach(option -> words.add(option.name));
        words.add(command.quiet.name);
        words.addAll(Main.HELP);
        return words;
    }

    private static void entry(StringBuilder text, String pattern, List<String> words) {
        text.append("    '")
                .append(pattern)
                .append("') words='")
                .append(String.join(" ", words))
                .append("' ;;\n");
    }
}
