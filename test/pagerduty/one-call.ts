import { aClient, anAsk, aWrite } from './subjects.ts';

/** Makes one call, says how it went, and leaves the process to end when nothing holds it any more. */
const [url = ''] = process.argv.slice(2);
const client = aClient(url, { requestTimeoutMs: 100 });
const [{ status }] = await Promise.allSettled([client.call(aWrite, anAsk())]);
process.stdout.write(`${status}\n`);
