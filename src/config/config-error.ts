/** The service cannot start as configured; the message tells everything that is wrong, line by line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const CONFIGURATION = 'the configuration';

/** `what` at this path cannot be read, with the two usual remedies. */
export function unreadable(what: string, path: string, cause: unknown): ConfigError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error';
  const saidBy = what === CONFIGURATION ? ' that `--config` or ONCALL_APPROVER_CONFIG says' : '';
  return new ConfigError(
    `${what} \`${path}\` cannot be read (${code}): check the path${saidBy}, and that the user the service runs as may read it`,
  );
}
