import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { proposeIdentities } from '../../src/commands/identities/propose.ts';
import { readIdentityMap } from '../../src/config/identity-map.ts';
import { proposeMap } from '../../src/config/propose-map.ts';
import { aTeleportUser } from '../support/builders.ts';
import { Stage } from '../service/stage.ts';
import { referenceWorld } from '../sim/teleport/reference-world.ts';
import { CapturedTerminal } from './captured-terminal.ts';

const LISTING = { ...referenceWorld({ edition: 'enterprise', listUsers: true }), start: false };

const teleportUser = (name: string, ...email: readonly string[]) =>
  aTeleportUser({ name, traits: { email } });
const pagerDutyUser = (id: string, email: string, name = id) => ({ id, name, email });

it('a proposed map binds whom one address binds to one, and leaves all others to a person', () => {
  const { text, bound, open } = proposeMap(
    [
      teleportUser('taylor', 'Taylor@example.com'),
      teleportUser('sam@example.com'),
      teleportUser('two', 'one@example.com', 'other@example.com'),
      teleportUser('robin', 'robin@example.com'),
      teleportUser('robin-admin', 'robin@example.com'),
      teleportUser('nobody'),
      teleportUser('bound', 'bound@example.com'),
      teleportUser('odd: "#\n- x', 'odd@example.com'),
    ],
    [
      pagerDutyUser('PTAYLOR', 'taylor@example.com', 'Taylor\nPX: PY'),
      pagerDutyUser('PSAM', 'sam@example.com'),
      pagerDutyUser('PONE', 'one@example.com'),
      pagerDutyUser('POTHER', 'other@example.com'),
      pagerDutyUser('PROBIN', 'robin@example.com'),
      pagerDutyUser('PBOUND', 'bound@example.com'),
      pagerDutyUser('PODD', 'odd@example.com'),
      pagerDutyUser('PLEFT', 'left@example.com'),
    ],
    { identities: [{ kind: 'map', users: { bound: 'PBOUND' } }] },
  );

  expect([bound, open]).toEqual([3, 4]);
  expect(text.split('\n').slice(2)).toEqual([
    '"odd: \\"#\\n- x": PODD # PODD, odd@example.com',
    'sam@example.com: PSAM # PSAM, sam@example.com',
    'taylor: PTAYLOR # Taylor PX: PY, taylor@example.com',
    '',
    '# Not certain, to be chosen by hand:',
    '#   robin: PROBIN (PROBIN, robin@example.com)',
    '#   robin-admin: PROBIN (PROBIN, robin@example.com)',
    '#   two: PONE (PONE, one@example.com) or POTHER (POTHER, other@example.com)',
    '',
    '# In Teleport alone:',
    '#   nobody',
    '',
    '# In PagerDuty alone:',
    '#   PLEFT (PLEFT, left@example.com)',
    '',
  ]);
});

describe('`identities propose`', () => {
  it('writes a map that settles who is bound, as `check` counts them', async () => {
    const approvers = { on_call: { escalation_policies: ['Payments'], max_level: 2 } };
    await using stage = await Stage.open({ ...LISTING, rule: { approvers } });
    const [before, told, after] = [new CapturedTerminal(), new CapturedTerminal(), new CapturedTerminal()];
    const output = join(stage.folder, 'identities.yaml');

    await check(stage.configFile, before);
    expect(await proposeIdentities({ config: stage.configFile, output }, told)).toBe(0);
    const map = readIdentityMap(output);
    const config = await readFile(stage.configFile, 'utf8');
    const sources = 'identities:\n  - map_file: identities.yaml\n  - map: { sre-1: PSAM1RE }\n';
    await writeFile(stage.configFile, config.replace('identities:\n', sources));
    await check(stage.configFile, after);

    expect(before.text).toMatch(
      /^warn {2}identities: of 2 people on call under the rules now, 2 are in no map \(.*`oncall-approver identities propose`/mu,
    );
    // Two Teleport users have Sam's address: that is for a person to say.
    expect(map).toEqual({ 'outsider@example.com': 'POUT4SD', 'sre-2': 'PTAY2RE', 'sre-3': 'PROB3RE' });
    expect(told.text).toMatch(/identities\.yaml: 3 are bound, \d Teleport users are not/u);
    expect(after.text).toMatch(/^ok {4}identities: of 2 people .* a map binds all/mu);
  });

  it('prints it where it is not told a file, and leaves a file that is there as it is', async () => {
    await using stage = await Stage.open(LISTING);
    const terminal = new CapturedTerminal();
    const before = await readFile(stage.configFile, 'utf8');

    expect(await proposeIdentities({ config: stage.configFile }, terminal)).toBe(0);
    await expect(
      proposeIdentities({ config: stage.configFile, output: stage.configFile }, terminal),
    ).rejects.toThrow('name a file that is not there yet');

    expect(terminal.text).toContain('sre-2: PTAY2RE # Taylor Two, sre-2@example.com');
    expect(await readFile(stage.configFile, 'utf8')).toBe(before);
  });
});

it.each([
  [{ addresses: 'managed' }, {}, /^ok {4}identities: addresses are kept by the identity provider/mu],
  [
    {},
    { approvers: { answer_by: ['note', 'acknowledge'] } },
    /^warn {2}rule prod-oncall: an acknowledgement approves.*answer_by: \[teleport\]/mu,
  ],
])('`check` of people tells what is asked of them: %j, %j', async (config, rule, line) => {
  await using stage = await Stage.open({ start: false, config, rule });
  const terminal = new CapturedTerminal();

  await check(stage.configFile, terminal);

  expect(terminal.text).toMatch(line);
});
