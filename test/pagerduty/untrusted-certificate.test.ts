import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createAuthority, issueServerCertificate } from '../sim/teleport/certificates.ts';
import { aClient, anAsk, aRead, failureOf, READ_KEY } from './subjects.ts';

it('a server with a certificate that nobody vouches for gets no key, and is not asked again', async () => {
  const authority = createAuthority('nobody', 'ecdsa-p256');
  const certificate = issueServerCertificate(authority, { commonName: 'localhost', dnsNames: ['localhost'] });
  const { privateKeyPem: key, certificatePem: cert } = certificate;
  const authorizations: (string | undefined)[] = [];
  const server = createServer({ key, cert }, ({ headers }) => authorizations.push(headers.authorization));
  let connections = 0;
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  using client = aClient(`https://localhost:${(server.address() as AddressInfo).port}`);

  const failure = await failureOf(client.call(aRead, anAsk()));

  expect(failure).toMatchObject({ kind: 'unavailable', transient: false });
  expect(failure.message).toMatch(/\(UNABLE_TO_VERIFY_LEAF_SIGNATURE\).*not trusted.*NODE_EXTRA_CA_CERTS/);
  expect(failure.message).not.toContain(READ_KEY);
  expect(authorizations).toEqual([]);
  expect(connections).toBe(1);
  server.close();
});
