import { DataSource, type DataSourceOptions, type Logger } from 'typeorm';

export interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: Plan[];
}

/** Makes the server report the plan of every statement and the rows that it read, with auto_explain. */
const EXPLAINING = [
  ...['session_preload_libraries=auto_explain', 'client_min_messages=notice'],
  ...Object.entries({
    log_min_duration: '0',
    log_analyze: 'on',
    log_timing: 'off',
    log_format: 'json',
    log_level: 'notice',
  }).map(([name, value]) => `auto_explain.${name}=${value}`),
];

export const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];
export const rowsRead = (plan: Plan) =>
  (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'];

/**
 * A PostgreSQL DataSource with one connection that reports the plan of each statement.
 *
 * @param report is called with each plan and whether the server compiled it (JIT).
 * @param settings for its sessions, such as `enable_sort=on`.
 */
export function explainedDataSource(
  options: DataSourceOptions,
  report: (plan: Plan, isCompiled: boolean) => void,
  settings: readonly string[] = [],
): Promise<DataSource> {
  const log: Logger['log'] = (_level, message) => {
    const json = /plan:\s*(\{.*\})\s*$/s.exec(String(message))?.[1];
    if (!json) return;
    const explained = JSON.parse(json) as { Plan: Plan; JIT?: object };
    report(explained.Plan, explained.JIT !== undefined);
  };
  const silent = () => {};
  return new DataSource({
    ...options,
    // TypeORM logs only the notices of its first connection.
    extra: { options: [...EXPLAINING, ...settings].map((one) => `-c ${one}`).join(' '), max: 1 },
    logNotifications: true,
    logger: {
      log,
      logQuery: silent,
      logQueryError: silent,
      logQuerySlow: silent,
      logSchemaBuild: silent,
      logMigration: silent,
    },
  } as DataSourceOptions).initialize();
}
