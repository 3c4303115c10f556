import { expect, it } from 'vitest';
import type { ForeseenCode } from '../../../src/core/forecast/foreseen.ts';
import { HOUR, plusMs } from '../../../src/core/values/instant.ts';
import { foreseenWords } from '../../../src/core/wording/forecast.ts';
import { anEscalation, aRule, NOW, someTargets } from '../../support/builders.ts';

it.each<[ForeseenCode, string]>([
  ['page-reaches-nobody', 'a page to services A and B reaches nobody'],
  ['nobody-on-call', 'nobody is on call for service Payments API up to level 1'],
])('what will go wrong names each service, and none that only a request would name: %s', (code, words) => {
  const rule = aRule({
    onCall: someTargets({ fromAnnotation: 'pagerduty_services' }),
    escalate: anEscalation({ service: 'A', instead: ['B'], fromAnnotation: 'pagerduty_notify_service' }),
  });
  const stretches = [{ from: NOW, until: plusMs(NOW, HOUR) }];

  expect(foreseenWords(code, { rule, people: [], about: '', stretches }).text).toBe(
    `${words} from 2026-03-03 02:14 to 2026-03-03 03:14 (1 h)`,
  );
});
