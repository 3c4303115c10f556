import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { startService } from '../../src/service/start-service.ts';
import { RecordingReporter } from '../service/recording-reporter.ts';
import { Stage } from '../service/stage.ts';
import { startHttpProxy } from '../sim/network/http-proxy.ts';
import { startLoadBalancer } from '../sim/network/load-balancer.ts';

const ADDR = 'teleport.example.com:443';

it('the service in a company’s network approves by way of an HTTP proxy, and of a load balancer in front of Teleport', async () => {
  await using stage = await Stage.open({
    start: false,
    config: { teleport: { addr: ADDR, identity: 'identity', proxy_ca: 'proxy-ca.pem' } },
  });
  await using balancer = await startLoadBalancer({
    certificate: stage.teleport.authorities.webCertificate,
    target: stage.teleport.proxyAddr,
    alpn: 'refused',
  });
  await using httpProxy = await startHttpProxy({ hosts: { [ADDR]: balancer.addr } });
  const reports = new RecordingReporter();
  const service = await startService({
    config: loadConfig(stage.configFile, { HTTPS_PROXY: httpProxy.url, HTTP_PROXY: httpProxy.url }),
    reporter: reports.reporter,
    signal: new AbortController().signal,
  });
  await reports.when('watchLive');

  const id = stage.request('sre-1');
  await reports.when('effectDone', ({ requestId, key }) => requestId === id && key === 'review');

  expect(stage.state(id)).toBe('APPROVED');
  expect(balancer.requests).toContain('upgrade /webapi/connectionupgrade');
  expect(new Set(httpProxy.asked.map((line) => line.split('?')[0]))).toContain(`CONNECT ${ADDR}`);
  expect(httpProxy.asked.some((line) => line.startsWith(`GET ${stage.pagerDuty.url}/oncalls`))).toBe(true);

  await service.stop();
});
