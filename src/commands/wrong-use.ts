import type { Command, CommanderError } from '@commander-js/extra-typings';

const EXIT_WRONG_USE = 2;

/** What a command that was called wrongly ends with; being asked for help or the version is no failure. */
export function exitCodeOf({ exitCode }: CommanderError): number {
  return exitCode === 0 ? 0 : EXIT_WRONG_USE;
}

/** Whoever gives a command one file too many most often means the configuration: that is what they are told, before the complaint. */
export function suggestConfig(program: Command): void {
  for (const command of program.commands) {
    suggestConfig(command as Command);
    const output = command.configureOutput();
    command.configureOutput({
      outputError(message, write) {
        const [file] = command.args.filter((each) => /\.ya?ml$/u.test(each));
        const takes = command.options.some(({ long }) => long === '--config');
        const meant = takes && file !== undefined && message.includes('too many arguments');
        output.outputError?.(
          meant ? `${message.trimEnd()}\n(Did you mean --config ${file}?)\n` : message,
          write,
        );
      },
    });
  }
}
