import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ControlServer } from './control-server.ts';
import { keyPairFiles, writeTbotDirectory } from './identity-file.ts';
import { addEstate, BOT_USER } from './reference-world.ts';
import { startTeleport } from './start-teleport.ts';

const USAGE = `Usage: npm run sim:teleport -- [options]

A simulated Teleport cluster, for trying things out: an auth server and a proxy on loopback, the world of the reference story
(users sre-1, sre-2, sre-3, who may ask for prodaccess; the service as oncall-approver), and an HTTP server to steer it by.
Prints one line of JSON with the addresses, then what to set, and serves until SIGTERM or SIGINT.

  --identity-out DIR        writes the service's credentials there: identity, the key pair, web-ca.pem for the proxy
  --edition NAME            enterprise (default) or community, which knows no reviews
  --server-version X.Y.Z    what it says it is, and does as that version (default 18.11.0)
  --read-audit-log          the service may read the audit log
  --estate                  databases with owners, which the sres may search for by role db-access
  --submit-for-users        the service may review in the name of people (18.11 and later)
  --mfa-for-admin-actions   admin actions of people need MFA
  --annotation KEY=VALUE    a system annotation on requests of the sres, e.g. pagerduty_services='Payments API'; repeatable
  --port, --proxy-port, --control-port N    any free port unless given
  --help

Requests are made by HTTP at control_addr (all routes: test/sim/teleport/control-routes.ts):
  curl --json '{"user":"sre-1","roles":["prodaccess"],"reason":"checkout fails"}' http://CONTROL_ADDR/requests
  curl http://CONTROL_ADDR/state
`;

/**
 * Runs the simulated cluster as a process: writes the service's credentials, prints one JSON line with the addresses
 * once everything listens, and on standard error what to set, and serves until SIGTERM or SIGINT.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'proxy-port': { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    edition: { type: 'string', default: 'enterprise' },
    'server-version': { type: 'string', default: '18.11.0' },
    'read-audit-log': { type: 'boolean', default: false },
    estate: { type: 'boolean', default: false },
    'submit-for-users': { type: 'boolean', default: false },
    'mfa-for-admin-actions': { type: 'boolean', default: false },
    annotation: { type: 'string', multiple: true, default: [] },
    'identity-out': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit();
}

if (values.edition !== 'enterprise' && values.edition !== 'community') {
  throw new RangeError(`edition \`${values.edition}\` is neither \`enterprise\` nor \`community\``);
}

await using teleport = await startTeleport({
  edition: values.edition,
  serverVersion: values['server-version'],
  readAuditLog: values['read-audit-log'],
  submitForUsers: values['submit-for-users'],
  mfaForAdminActions: values['mfa-for-admin-actions'],
  annotations: annotationsOf(values.annotation),
  port: Number(values.port),
  proxyPort: Number(values['proxy-port']),
});
if (values.estate) addEstate(teleport.cluster);
const control = new ControlServer(teleport);
await control.start(Number(values['control-port']));
const directory = values['identity-out'];
if (directory !== undefined) await writeCredentials(directory);

const addresses = {
  cluster_name: teleport.clusterName,
  auth_addr: teleport.authAddr,
  proxy_addr: teleport.proxyAddr,
  control_addr: control.addr,
  ...(directory === undefined ? {} : { identity: join(directory, 'identity') }),
};
process.stdout.write(`${JSON.stringify(addresses)}\n`);
process.stderr.write(whatToSet());

await new Promise((resolve) => {
  process.once('SIGTERM', resolve);
  process.once('SIGINT', resolve);
});
await control.stop();

/** The part of the service's configuration that leads here. */
function whatToSet(): string {
  const identity =
    directory === undefined ? 'DIR/identity # start with --identity-out DIR' : join(directory, 'identity');
  const proxy = teleport.proxyAddr.replace('127.0.0.1', 'localhost');
  const webCa = join(directory ?? 'DIR', 'web-ca.pem');
  return `teleport:
  addr: ${teleport.authAddr} # or ${proxy} with proxy_ca: ${webCa}
  identity: ${identity}
requests: http://${control.addr}
`;
}

/** What tbot writes for the bot, its key pair, and the public CA by which the proxy's web certificate is verified. */
async function writeCredentials(target: string): Promise<void> {
  const credentials = teleport.authorities.credentialsFor(teleport.cluster.directory.user(BOT_USER));
  const { crt, key, cas } = keyPairFiles(credentials);
  const files = {
    'oncall-approver.crt': crt,
    'oncall-approver.key': key,
    'oncall-approver.cas': cas,
    'web-ca.pem': teleport.authorities.webPki.certificatePem,
  };
  await writeTbotDirectory(target, credentials);
  await Promise.all(
    Object.entries(files).map(([name, content]) => writeFile(join(target, name), content, { mode: 0o600 })),
  );
}

/** `--annotation key=value`, repeatable. */
function annotationsOf(pairs: readonly string[]): Record<string, string[]> {
  const annotations: Record<string, string[]> = {};
  for (const pair of pairs) {
    const [key = '', ...value] = pair.split('=');
    (annotations[key] ??= []).push(value.join('='));
  }
  return annotations;
}
