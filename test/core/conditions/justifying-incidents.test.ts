import { expect, it } from 'vitest';
import { justifyingIncidents } from '../../../src/core/conditions/open-incident-condition.ts';
import type { IncidentsReading } from '../../../src/core/facts.ts';
import type { Rule } from '../../../src/core/rule.ts';
import {
  anOpenIncident,
  aRecordedDecision,
  aRule,
  NOW,
  SAM,
  someFacts,
  someRequirements,
} from '../../support/builders.ts';

const asking: Partial<Rule> = {
  require: someRequirements({ openIncident: { involvement: 'any', urgency: 'high' } }),
};
const own = { openedBy: { ...SAM, type: 'user_reference' } };
const into = {
  id: 'Q2INTO',
  title: 'all is down',
  openedBy: { id: 'PSERVC1', summary: 'Payments API', type: 'service_reference' },
};

it.each<[string, Partial<Rule>, IncidentsReading, readonly string[]]>([
  ['no incident is asked for', {}, known(anOpenIncident()), []],
  ['they were not known', asking, { state: 'not-asked' }, []],
  ['it is a ground', asking, known(anOpenIncident()), ['Q1LIVE0INCIDENT']],
  [
    'some are none',
    asking,
    known(anOpenIncident({ id: 'a', ...own }), anOpenIncident({ id: 'b', urgency: 'low' })),
    [],
  ],
  ['two', asking, known(anOpenIncident({ id: 'a' }), anOpenIncident({ id: 'b' })), ['a', 'b']],
  [
    'two went on as one',
    asking,
    known(anOpenIncident({ id: 'a', mergedInto: into }), anOpenIncident({ id: 'b', mergedInto: into })),
    ['Q2INTO'],
  ],
])(
  'the incidents that justified access are those that the rule went by: %s',
  (_what, rule, incidents, ids) => {
    const decided = aRecordedDecision({ facts: someFacts({ incidents }), decidedAt: NOW });
    expect(justifyingIncidents(decided, aRule(rule)).map(({ id }) => id)).toEqual(ids);
  },
);

function known(...incidents: readonly ReturnType<typeof anOpenIncident>[]): IncidentsReading {
  return { state: 'known', incidents };
}
