import type { TLSSocket } from 'node:tls';
import type { Caller } from './model.ts';

/** What a client says of itself by its certificate, which is the same for as long as a connection lasts. */
export interface ClientCertificate {
  readonly caller: Caller;
  readonly expires: Date;
}

/** Undefined without a certificate, and for one that names nobody. */
export function clientCertificateOf(socket: TLSSocket): ClientCertificate | undefined {
  // Node takes its time to write a certificate out as an object: a call does not ask for it, only its connection does.
  if (!socket.authorized) return undefined;
  const { subject, valid_to } = socket.getPeerCertificate() as Partial<
    ReturnType<TLSSocket['getPeerCertificate']>
  >;
  if (subject === undefined || valid_to === undefined) return undefined;
  const values = (value: string | string[] | undefined) => (value === undefined ? [] : [value].flat());
  const [user] = values(subject.CN);
  if (user === undefined) return undefined;
  return { caller: { user, roles: values(subject.O) }, expires: new Date(valid_to) };
}
