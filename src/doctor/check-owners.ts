import { sanitise } from '../core/values/words.ts';
import type { Ask } from '../ports/pagerduty.ts';
import { ok, warning, type Finding } from './finding.ts';
import { hasGaps, surveyOwners, type Survey } from './survey-owners.ts';

/** One line on rules by owners: how much of what they are for has an owner. Throws as the survey does. */
export async function checkOwners(survey: Omit<Survey, 'onResource'>, ask: Ask): Promise<readonly Finding[]> {
  const summary = await surveyOwners({ ...survey, onResource: () => undefined }, ask);
  const { resources, unowned, missing, misread } = summary;
  const names = Object.keys(missing).sort();
  const some = names.slice(0, 5).map((each) => `\`${sanitise(each, 100)}\``);
  const told = [
    `${resources} resources, ${unowned} without an owner`,
    ...(names.length === 0
      ? []
      : [`${names.length} names of owners that are no service which pages, such as ${some.join(', ')}`]),
    ...(Object.keys(misread).length === 0
      ? []
      : [`${Object.keys(misread).length} services with a field that cannot be understood`]),
  ].join('; ');
  return hasGaps(summary)
    ? [warning('owners', `${told}: requests for these go to people; \`oncall-approver owners\` lists them`)]
    : [ok('owners', told)];
}
