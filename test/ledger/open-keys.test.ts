import { createHmac, hkdfSync } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readKeyFile, writeKeyFile, openKeys } from '../../src/ledger/open-keys.ts';

import { aFolder } from './sqlite-place.ts';

const [ONE, TWO] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string];

function keysOf(...lines: readonly string[]) {
  return openKeys({ reveal: () => lines.join('\n') });
}

describe("the ledger's key", () => {
  it('makes MACs that hold for their purpose, their text and their key alone', () => {
    const keys = keysOf(`current ${ONE}`);
    const mac = keys.mac('entry', 'text');

    expect(keys.verify('entry', 'text', mac)).toBe(true);
    expect(keys.verify('sighting', 'text', mac)).toBe(false);
    expect(keys.verify('entry', 'text ', mac)).toBe(false);
    expect(keysOf(`current ${TWO}`).verify('entry', 'text', mac)).toBe(false);
    expect(new Set([mac, keys.mac('first-seen', 'text'), keys.mac('incident-key', 'text')]).size).toBe(3);
  });

  it('stands in a file that nobody else can read, also once it was written anew', async () => {
    await using folder = await aFolder();
    const file = join(folder.path, 'ledger-key');
    for (const keys of [{ current: ONE }, { current: TWO, former: ONE }]) {
      writeKeyFile(file, keys);
      expect([statSync(file).mode & 0o777, readKeyFile(file)]).toEqual([0o600, keys]);
    }
  });

  it('has lines for people in its file, and is none where there is no file', async () => {
    await using folder = await aFolder();
    const file = join(folder.path, 'ledger-key');
    expect(readKeyFile(file)).toBeNull();
    writeFileSync(file, `# made by hand\r\n\r\n  current ${ONE}  \r\nnext ${TWO}`);

    expect(readKeyFile(file)).toEqual({ current: ONE, next: TWO });
  });

  it('cannot be read or written without a word of why, and never takes the place of a file that is half written', async () => {
    await using folder = await aFolder();
    const file = join(folder.path, 'ledger-key');
    writeFileSync(`${file}.new`, 'half');

    expect(() => readKeyFile(folder.path)).toThrow(
      /key file `.*` cannot be read \(EISDIR\): check the folder/u,
    );
    expect(() => writeKeyFile(join(file, 'in-it'), { current: ONE })).toThrow(
      /key file `.*` cannot be written \(ENOENT\): check the folder/u,
    );
    expect(() => writeKeyFile(file, { current: ONE })).toThrow('cannot be written (EEXIST)');
    writeFileSync(file, 'a password');
    expect(() => readKeyFile(file)).toThrow('holds no key of a ledger');
  });

  it('makes HMACs as Node makes them, of texts of any length and letters', () => {
    const keys = keysOf(`current ${ONE}`);
    const key = hkdfSync('sha256', Buffer.from(ONE, 'hex'), '', 'oncall-approver mac entry', 32);
    const texts = [0, 1, 55, 56, 64, 190, 1_023, 1_024, 1_025, 5_000].flatMap((length) =>
      ['a', 'ä', '\u{1F525}'].map((letter) => letter.repeat(length)),
    );
    const expected = texts.map((text) =>
      createHmac('sha256', Buffer.from(key)).update(text).digest('base64url'),
    );

    expect(texts.map((text) => keys.mac('entry', text))).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['less of it', 'A'.repeat(42)],
    ['more of it', `${keysOf(`current ${ONE}`).mac('entry', 'text')}AA`],
    ['the same bytes written otherwise', `${keysOf(`current ${ONE}`).mac('entry', 'text')}=`],
  ])('takes %s for no MAC', (_what, mac) => {
    expect(keysOf(`current ${ONE}`).verify('entry', 'text', mac)).toBe(false);
  });

  it('believes two keys while one takes the place of the other, and seals under the current one', () => {
    const before = keysOf(`current ${ONE}`);
    const [first, second] = [
      keysOf(`current ${ONE}`, `next ${TWO}`),
      keysOf(`current ${TWO}`, `former ${ONE}`),
    ];
    const after = keysOf(`current ${TWO}`);

    expect(first.verify('entry', 'text', second.mac('entry', 'text'))).toBe(true);
    expect(second.verify('entry', 'text', first.mac('entry', 'text'))).toBe(true);
    expect(first.mac('entry', 'text')).toBe(before.mac('entry', 'text'));
    expect(second.mac('entry', 'text')).toBe(after.mac('entry', 'text'));
    expect(after.verify('entry', 'text', before.mac('entry', 'text'))).toBe(false);
  });

  it('is read again when its file was renewed', () => {
    let text = `current ${ONE}`;
    const keys = openKeys({ reveal: () => text }, 0);
    const mac = keys.mac('entry', 'text');
    text = `current ${TWO}`;

    expect(keys.verify('entry', 'text', mac)).toBe(false);
    expect(keys.mac('entry', 'text')).toBe(keysOf(`current ${TWO}`).mac('entry', 'text'));
  });

  it('gives a key of its own for each purpose, and shows none by accident', () => {
    const keys = keysOf(`current ${ONE}`);

    expect(keys.derive('incident-key')).toEqual(keysOf(`current ${ONE}`).derive('incident-key'));
    expect(keys.derive('incident-key')).not.toEqual(keys.derive('entry'));
    expect(keys.derive('incident-key')).toHaveLength(32);
    expect(inspect(keys, { depth: null })).not.toContain(ONE);
  });

  it.each([
    ['nothing', ''],
    ['something else', 'a password'],
    ['a key that is cut off', `current ${ONE.slice(1)}`],
    ['no current one', `next ${ONE}`],
    ['two current ones', `current ${ONE}\ncurrent ${TWO}`],
    ['three keys', `current ${ONE}\nnext ${TWO}\nformer ${TWO}`],
  ])('refuses a file that holds %s, and does not repeat it', (_what, text) => {
    const keys = keysOf(text);

    expect(() => keys.mac('entry', 'text')).toThrow(/holds no key of a ledger: make one/u);
    expect(() => keys.mac('entry', 'text')).not.toThrow(ONE.slice(1));
  });

  it('that cannot be read is an error of the ledger', () => {
    const keys = openKeys({
      reveal() {
        throw new Error('no such file');
      },
    });

    expect(() => keys.derive('entry')).toThrow('the key of the ledger cannot be read: no such file');
  });
});
