import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

export interface WebApiOptions {
  readonly clusterName: string;
  readonly serverVersion: string;
  readonly webAddr: () => string;
}

/** The proxy's unauthenticated pages `/webapi/find` and `/webapi/ping`; anything else is not found. */
export function webApi(
  options: WebApiOptions,
): (request: Http2ServerRequest, response: Http2ServerResponse) => void {
  return (request, response) => {
    const { pathname } = new URL(request.url, 'https://proxy.invalid');
    const body = request.method === 'GET' ? pageOf(pathname, options) : undefined;
    response.statusCode = body === undefined ? 404 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body ?? { error: { message: 'not found' } }));
  };
}

function pageOf(pathname: string, options: WebApiOptions): object | undefined {
  const found = findPage(options);
  switch (pathname) {
    case '/webapi/find':
      return found;
    case '/webapi/ping':
      return { auth: { type: 'local', second_factor: 'webauthn' }, ...found };
    default:
      return undefined;
  }
}

function findPage({ clusterName, serverVersion, webAddr }: WebApiOptions): object {
  const addr = webAddr();
  const major = Number.parseInt(serverVersion, 10);
  return {
    proxy: {
      tls_routing_enabled: true,
      ssh: {
        listen_addr: addr,
        tunnel_listen_addr: addr,
        web_listen_addr: addr,
        // As its certificate has it.
        public_addr: addr.replace('127.0.0.1', 'localhost'),
      },
    },
    server_version: serverVersion,
    min_client_version: `${major - 1}.0.0-aa`,
    cluster_name: clusterName,
  };
}
