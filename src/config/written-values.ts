import { z } from 'zod';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const FORM = 'is no duration: write for instance 90s, 10m or 1h30m';

/** A duration as people write it (`90s`, `10m`, `8h`, `1h30m`) → milliseconds. */
export const duration = z.string(FORM).transform((text, context) => {
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h|d)/gu)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    context.addIssue({ code: 'custom', message: FORM });
    return z.NEVER;
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS], 0);
});

const MAX_PORT = 65_535;

/** `host:port` with brackets around IPv6, for instance `127.0.0.1:8080` or `[::]:8080` → host without brackets, and port. */
export const listenAddress = z.string().transform((text, context) => {
  const [, bracketed, plain, port] = /^(?:\[([\da-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/iu.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || port === undefined || Number(port) > MAX_PORT) {
    context.addIssue({
      code: 'custom',
      message: 'must be host:port, for instance 127.0.0.1:8080, 0.0.0.0:8080 or [::]:8080',
    });
    return z.NEVER;
  }
  return { host, port: Number(port) };
});
