import { createHmac, timingSafeEqual } from 'node:crypto';

/** A secret of a webhook subscription, as it is now. */
export interface WebhookSecret {
  /** Throws when it cannot be read. */
  reveal(): string;
}

/** PagerDuty: one of these for each secret of the subscription, with commas in between; other versions are to be ignored. */
const V1 = /^v1=([0-9a-f]{64})$/u;
/** PagerDuty sends as many as there are secrets, two in a rotation; more are somebody trying. */
const MOST_SIGNATURES = 10;

/** The signatures in `X-PagerDuty-Signature` that can be checked. */
export function signaturesIn(header: string): readonly Buffer[] {
  return header
    .split(',')
    .slice(0, MOST_SIGNATURES)
    .flatMap((part) => {
      const [, hex] = V1.exec(part.trim()) ?? [];
      return hex === undefined ? [] : [Buffer.from(hex, 'hex')];
    });
}

/**
 * Whether one of the signatures was made with one of the secrets over exactly these bytes. It takes the same time whichever of
 * them fits. A secret that cannot be read is passed over as long as another one fits; else its error is thrown, since then
 * nobody can tell.
 */
export function isSigned(
  body: Buffer,
  signatures: readonly Buffer[],
  secrets: readonly WebhookSecret[],
): boolean {
  let fits = false;
  const unreadable: unknown[] = [];
  for (const secret of secrets) {
    try {
      const expected = createHmac('sha256', secret.reveal()).update(body).digest();
      for (const signature of signatures) fits = timingSafeEqual(signature, expected) || fits;
    } catch (error) {
      unreadable.push(error);
    }
  }
  if (!fits && unreadable.length > 0) throw unreadable[0];
  return fits;
}
