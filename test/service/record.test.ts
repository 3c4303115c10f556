import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Stage } from './stage.ts';

const TOKEN = 'a-token-that-nobody-guesses-0123456789';

describe('the decision pages of the running service', () => {
  it('show a decision as soon as it is made, with links into Teleport, and say who read it', async () => {
    await using stage = await Stage.open({
      start: false,
      config: { http: { listen: '127.0.0.1:0', pages: { token_file: 'token' } } },
    });
    await writeFile(join(stage.folder, 'token'), TOKEN);
    await stage.startService();
    const id = stage.request('sre-1', { reason: '<script>alert(1)</script>' });
    await stage.done('review');

    const url = `${stage.service.url ?? ''}/decisions/${id}`;
    const refused = await fetch(url);
    const shown = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
    const text = await shown.text();

    expect(refused.status).toBe(401);
    expect(shown.status).toBe(200);
    expect(text).toContain('sre-1 asked for prodaccess');
    expect(text).toContain(`/web/requests/${id}`);
    expect(text).toContain('&lt;script>alert(1)&lt;/script>');
    expect(text).not.toContain('<script');
    expect(stage.reports.of('pageRead')).toEqual([{ reader: 'token', path: `/decisions/${id}` }]);
  });

  it('are not there unless they are asked for', async () => {
    await using stage = await Stage.open({ config: { http: { listen: '127.0.0.1:0' } } });

    expect((await fetch(`${stage.service.url ?? ''}/decisions`)).status).toBe(404);
  });
});
