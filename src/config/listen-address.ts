import { z } from 'zod';

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
