import { readFileSync, statSync } from 'node:fs';
import { inspect } from 'node:util';
import { ConfigError, unreadable } from './config-error.ts';

/** A secret that shows itself to nobody by accident: not in logs, not in errors, not in JSON. */
export class Secret {
  readonly #read: () => string;
  /** Where it is kept; null for one that is in no file. */
  readonly file: string | null;

  constructor(read: () => string, file: string | null = null) {
    this.#read = read;
    this.file = file;
  }

  /** The secret as it is now: a file that was renewed is read again. Throws ConfigError when it cannot be read. */
  reveal(): string {
    return this.#read();
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}

/** A secret kept in a file, without the white space around it; read again whenever the file has changed. */
export function secretFromFile(path: string): Secret {
  let version = '';
  let value = '';
  return new Secret(() => {
    try {
      const { mtimeMs, size, ino } = statSync(path);
      const current = `${mtimeMs} ${size} ${ino}`;
      if (current !== version) {
        value = readFileSync(path, 'utf8').trim();
        version = current;
      }
    } catch (error) {
      throw unreadable('the secret file', path, error);
    }
    if (value === '') throw new ConfigError(`the secret file \`${path}\` is empty`);
    return value;
  }, path);
}

/** PagerDuty's documentation shows keys within a header, `Authorization: Token token=…`; whoever copies more than the key means the key. */
export function bareKey(secret: Secret): Secret {
  return new Secret(
    () =>
      secret
        .reveal()
        .replace(/^(?:authorization:\s*)?token\s+token=/iu, '')
        .replace(/^(["'])(.*)\1$/u, '$2'),
    secret.file,
  );
}

/** A secret named as `${NAME}`, from the environment of the process. */
export function secretFromEnvironment(
  reference: string,
  environment: Readonly<Record<string, string | undefined>>,
): Secret {
  const name = reference.slice(2, -1);
  return new Secret(() => {
    const value = environment[name]?.trim() ?? '';
    if (value === '') throw new ConfigError(`the environment variable \`${name}\` is not set or empty`);
    return value;
  });
}
