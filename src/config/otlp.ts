import { ConfigError } from './config-error.ts';
import type { ConfigFile } from './schema.ts';

/** Where traces and metrics go. */
export interface OtlpSettings {
  /** Base address for OTLP over HTTP: `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  /** How long one export may take, in milliseconds; absent where OTEL_EXPORTER_OTLP_TIMEOUT says it. */
  readonly timeoutMs?: number;
}

/** The exporters' own 10 s would hold up the end of a process that long. */
const TIMEOUT_MS = 3_000;

/**
 * What the file says, else the environment, in which such things are often told to every program of a machine; null where neither
 * does, or where the environment says that nobody is to send any. Throws ConfigError for a variable that holds no address.
 */
export function otlpOf(
  telemetry: ConfigFile['telemetry'],
  environment: Readonly<Record<string, string | undefined>>,
): OtlpSettings | null {
  if (environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return null;
  const patience = environment['OTEL_EXPORTER_OTLP_TIMEOUT'] === undefined ? { timeoutMs: TIMEOUT_MS } : {};
  if (telemetry !== undefined) return { ...telemetry.otlp, ...patience };
  const endpoint = environment['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim() ?? '';
  if (endpoint === '') return null;
  if (/^https?:$/u.test(URL.parse(endpoint)?.protocol ?? '')) return { endpoint, ...patience };
  throw new ConfigError(
    'the environment variable OTEL_EXPORTER_OTLP_ENDPOINT is no http(s) address: write http://host:4318, or leave it out and nothing is sent',
  );
}
