/** The service cannot start as configured; the message tells everything that is wrong, line by line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
