import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { RefusedError, startHttpServer, type HttpPlugin, type HttpServer } from '../../src/http/server.ts';

const FREE_PORT = { host: '127.0.0.1', port: 0 };

interface Started extends AsyncDisposable {
  readonly server: HttpServer;
  readonly failures: { readonly route: string; readonly cause: string }[];
}

async function started(...plugins: HttpPlugin[]): Promise<Started> {
  const failures: { readonly route: string; readonly cause: string }[] = [];
  const server = await startHttpServer({
    listen: FREE_PORT,
    plugins,
    onFailure: (failure) => failures.push(failure),
  });
  return { server, failures, [Symbol.asyncDispose]: () => server.close() };
}

const echo: HttpPlugin = (server) => {
  server.post('/echo', (request) => request.body);
  return Promise.resolve();
};

function post(url: string, body: string): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
}

describe('the HTTP server', () => {
  it('tells nobody to keep, frame or sniff what it answers', async () => {
    await using stage = await started(echo);

    const { headers } = await fetch(`${stage.server.url}/nothing`);

    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.has('server')).toBe(false);
  });

  it('gives what a route answers', async () => {
    await using stage = await started(echo);

    const answer = await post(`${stage.server.url}/echo`, '{"a":1}');

    expect([answer.status, await answer.json()]).toEqual([200, { a: 1 }]);
  });

  it('refuses a body beyond the limit', async () => {
    await using stage = await started(echo);

    const answer = await post(`${stage.server.url}/echo`, JSON.stringify('x'.repeat(70_000)));

    expect([answer.status, await answer.json()]).toEqual([413, { error: 'the body is too large' }]);
  });

  it('says nothing of a body that it cannot read', async () => {
    await using stage = await started(echo);

    const answer = await post(`${stage.server.url}/echo`, '{"password": hunter2');

    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain('hunter2');
    expect(stage.failures).toEqual([]);
  });

  it('gives the words of a refusal to the client', async () => {
    await using stage = await started((server) => {
      server.get('/refused', () => {
        throw new RefusedError(403, 'the signature is wrong');
      });
      return Promise.resolve();
    });

    const answer = await fetch(`${stage.server.url}/refused`);

    expect([answer.status, await answer.json()]).toEqual([403, { error: 'the signature is wrong' }]);
  });

  it('tells its operator, not the client, why a route failed', async () => {
    await using stage = await started((server) => {
      server.get('/broken/:id', () => {
        throw new Error('ENOSPC at the ledger');
      });
      return Promise.resolve();
    });

    const answer = await fetch(`${stage.server.url}/broken/7`);

    expect([answer.status, await answer.json()]).toEqual([500, { error: 'internal error' }]);
    expect(stage.failures).toEqual([{ route: 'GET /broken/:id', cause: 'ENOSPC at the ledger' }]);
  });

  it('refuses headers beyond the limit', async () => {
    await using stage = await started(echo);

    expect((await fetch(stage.server.url, { headers: { 'x-long': 'x'.repeat(20_000) } })).status).toBe(431);
  });

  it.each(['/%', '/echo/%zz?a=%', '/%E0%A4%A'])('has nothing at %s, and says so as ever', async (path) => {
    await using stage = await started(echo);

    const answer = await fetch(`${stage.server.url}${path}`);

    expect([answer.status, await answer.json()]).toEqual([404, { error: 'nothing is here' }]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('closes while somebody keeps an idle connection', async () => {
    const stage = await started(echo);
    const socket = connect({ host: '127.0.0.1', port: stage.server.listen.port });
    await once(socket, 'connect');
    const ended = once(socket, 'close');
    socket.resume();

    await stage.server.close();

    await ended;
  });

  it('whose port is taken says so, with the remedy', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;

    await expect(
      startHttpServer({ listen: { host: '127.0.0.1', port }, plugins: [], onFailure: () => undefined }),
    ).rejects.toThrow(
      `\`http.listen\` 127.0.0.1:${port} cannot be listened on (EADDRINUSE): another process has the port`,
    );

    other.close();
  });

  it('whose address is no address of this machine says so', async () => {
    await expect(
      startHttpServer({ listen: { host: '192.0.2.1', port: 8080 }, plugins: [], onFailure: () => undefined }),
    ).rejects.toThrow('this machine has no such address');
  });
});
