import { expect, it } from 'vitest';
import { incidentKeyInstead, isBreakGlassPage } from '../../../src/core/effects/incident-keys.ts';
import { INCIDENT_KEY, intended, keyOf, SETTING, story } from '../telling.ts';
import { aPage } from '../../support/told.ts';

it('the key to page under where others have the key is another for each of theirs, and cannot be foretold either', () => {
  const keys = [0, 1, 2].map((attempt) => incidentKeyInstead(INCIDENT_KEY, attempt, SETTING));

  expect(keys).toEqual([INCIDENT_KEY, keyOf(`${INCIDENT_KEY}/1`), keyOf(`${INCIDENT_KEY}/2`)]);
});

it('a page that was begun under no decision is not that about broken glass', () => {
  expect([...story([intended(aPage())]).effects.values()].map(isBreakGlassPage)).toEqual([false]);
});
