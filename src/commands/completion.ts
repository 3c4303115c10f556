import type { Command } from '@commander-js/extra-typings';
import { ConfigError } from '../config/config-error.ts';
import type { Terminal } from './terminal.ts';

interface Flag {
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly takesFile: boolean;
}

/** A command with the words that lead to it: `['ledger', 'list']`; none for the program itself. */
interface Place {
  readonly words: readonly string[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly flags: readonly Flag[];
}

const SCRIPTS: Readonly<Record<string, (name: string, places: readonly Place[]) => string>> = {
  bash: bashScript,
  zsh: (name, places) =>
    `#compdef ${name}\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(name, places)}`,
  fish: fishScript,
};

/**
 * `completion`: prints the script by which a shell completes commands, options and files; made of the commands there are. Gives exit
 * code 0. Throws ConfigError for another shell. Not asynchronous, but awaited as commands are.
 */
export async function printCompletion(shell: string, program: Command, terminal: Terminal): Promise<number> {
  const script = SCRIPTS[shell];
  if (script === undefined) {
    throw new ConfigError(
      `\`${shell}\` is no shell that can be completed in: it must be ${Object.keys(SCRIPTS).join(', ')}`,
    );
  }
  for (const line of script(program.name(), placesIn(program, [])).split('\n')) terminal.print(line);
  return await Promise.resolve(0);
}

function placesIn({ commands, options }: Command, words: readonly string[]): readonly Place[] {
  const place: Place = {
    words,
    commands: commands.map((each) => ({ name: each.name(), description: each.description() })),
    flags: options.map(({ long, description, flags }) => ({
      long: long ?? '',
      description,
      takesValue: flags.includes('<'),
      takesFile: flags.includes('<file>'),
    })),
  };
  return [
    place,
    ...commands.flatMap((each) => placesIn(each as unknown as Command, [...words, each.name()])),
  ];
}

/** Without a word of ours to offer, as after `--config`, bash offers files. */
function bashScript(name: string, places: readonly Place[]): string {
  const own = `_${name.replaceAll('-', '_')}`;
  const pathOf = ({ words }: Place): string => words.join(' ');
  const valued = new Set(
    places.flatMap(({ flags }) => flags.filter((flag) => flag.takesValue).map(({ long }) => long)),
  );
  const offers = places.map((place) => {
    const offered = [...place.commands.map((each) => each.name), ...place.flags.map(({ long }) => long)];
    return `    '${pathOf(place)}') words='${[...offered, '--help'].join(' ')}' ;;`;
  });
  return `${own}() {
  local at='' word words=''
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${at:+$at }$word" in
      ${places
        .slice(1)
        .map((place) => `'${pathOf(place)}'`)
        .join(' | ')}) at="\${at:+$at }$word" ;;
    esac
  done
  case "\${COMP_WORDS[COMP_CWORD-1]}" in -c | ${[...valued].join(' | ')}) return ;; esac
  case "$at" in
${offers.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F ${own} ${name}`;
}

function fishScript(name: string, places: readonly Place[]): string {
  const quoted = (text: string): string => `'${text.replace(/[\\']/gu, '\\$&')}'`;
  return places
    .flatMap(({ words, commands, flags }) => {
      const below = commands.map((each) => each.name).join(' ');
      const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
      const open = words.length === 0 ? '__fish_use_subcommand' : `not __fish_seen_subcommand_from ${below}`;
      const offer = `complete -c ${name} -n ${quoted([...seen, ...(below === '' ? [] : [open])].join('; and '))}`;
      return [
        ...commands.map((each) => `${offer} -f -a ${each.name} -d ${quoted(each.description)}`),
        ...flags.map(
          ({ long, description, takesValue, takesFile }) =>
            `${offer} -l ${long.slice(2)}${takesValue ? ' -r' : ''}${takesFile ? ' -F' : ' -f'} -d ${quoted(description)}`,
        ),
      ];
    })
    .join('\n');
}
