import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The whole body as text.
 * @throws Refusal 413 beyond one megabyte, Error when the sender hangs up
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Read to the end even when it is too much: an answer to a half-read request would not reach the sender.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) throw new Refusal({ status: 413, code: 2001, message: 'Payload Too Large' });
  return Buffer.concat(chunks).toString('utf8');
}

/** @returns undefined for text that is not JSON, or for no text at all */
export function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
