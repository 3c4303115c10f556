import { z } from 'zod';
import { ConfigError } from '../config/config-error.ts';
import { allProblems, inWords, problemsOf } from '../config/problem.ts';
import { readYamlFile } from '../config/yaml-file.ts';
import { CaseFile, type Expectation, type Given } from './case-schema.ts';

/** One case of a file, with everything it is given. */
export interface Case {
  readonly name: string;
  readonly file: string;
  readonly line: number | null;
  readonly given: Given;
  readonly expect: Expectation;
}

const KIND = { schema: CaseFile, example: 'config/oncall-approver.rules-test.yaml' };

/** The cases of a file. Throws ConfigError that lists everything that is wrong with it, each with its line. */
export function loadCases(file: string): readonly Case[] {
  const read = readYamlFile(file, { what: 'the cases', shown: file });
  const { data, lineOf } = read;
  if (
    z.looseObject({ rules: z.array(z.unknown()), cases: z.undefined().optional() }).safeParse(data).success
  ) {
    throw new ConfigError(
      `\`${file}\` is a configuration, not a file of cases: write \`oncall-approver rules test CASES --config ${file}\``,
    );
  }
  const parsed = CaseFile.safeParse(data, { error: inWords });
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, KIND));
    throw allProblems(file, problems, read);
  }
  const { given, cases } = parsed.data;
  return cases.map((each, index) => ({
    name: each.name,
    file,
    line: lineOf(['cases', index]),
    given: merged(given, each.given),
    expect: each.expect,
  }));
}

/** A case's own `given` wins, key by key; the request, users, services and host names of both are put together. */
function merged(common: Given, own: Given): Given {
  return {
    ...common,
    ...own,
    request: { ...common.request, ...own.request },
    teleport_users: { ...common.teleport_users, ...own.teleport_users },
    pagerduty_users: { ...common.pagerduty_users, ...own.pagerduty_users },
    services: { ...common.services, ...own.services },
    teams: { ...common.teams, ...own.teams },
    host_names: { ...common.host_names, ...own.host_names },
    labels: { ...common.labels, ...own.labels },
  };
}
