// @slow
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { seedCalls } from '@calls/seed-calls';
import {
  describeEachDatabase,
  describeWith,
  freePort,
  SEARCH_PATH,
  TIMEOUT_MS,
  until,
} from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { whileCallsMissing } from './block-calls';
import { Download, LARGE_EXPORT } from './download';
import { LISTENING, Program } from './program';
import { bearer, SECRET } from './start-api';
import { readWorkspaceFile, ROOT } from './workspace';

const MONITORING = join(ROOT, 'deploy/monitoring');
const env = { PATH: SEARCH_PATH };
const fileOf = (name: string) => readFileSync(join(MONITORING, name), 'utf8');

/** A panel of Grafana. */
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly datasource?: object;
  readonly targets?: { readonly expr: string; readonly datasource: object }[];
}

interface Dashboard {
  readonly panels: Panel[];
  readonly templating: {
    readonly list: { name: string; type: string; query: { query: string } }[];
  };
}

interface Series {
  readonly metric: Record<string, string>;
  readonly value: [number, string];
}

const dashboard = JSON.parse(fileOf('grafana-dashboard.json')) as Dashboard;
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const alerts = [...fileOf('alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);

/** A Prometheus server that scrapes the API every second. */
class Prometheus {
  private readonly directory = mkdtempSync(join(tmpdir(), 'prometheus-'));
  private child?: ChildProcess;
  private url = '';

  async start(target: string): Promise<void> {
    const configuration = join(this.directory, 'prometheus.yml');
    writeFileSync(
      configuration,
      JSON.stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        scrape_configs: [{ job_name: 'calls-export', static_configs: [{ targets: [target] }] }],
        rule_files: [join(MONITORING, 'alerts.yml')],
      }),
    );
    const address = `127.0.0.1:${await freePort()}`;
    this.url = `http://${address}`;
    const args = [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${join(this.directory, 'data')}`,
      `--web.listen-address=${address}`,
    ];
    this.child = spawn('prometheus', args, { env, stdio: 'ignore' });
    const isReady = () =>
      fetch(`${this.url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(isReady, TIMEOUT_MS);
  }

  /** @throws if the expression is invalid. */
  async query(expression: string): Promise<Series[]> {
    const { result } = await this.get<{ result: Series[] }>('query', { query: expression });
    return result;
  }

  async get<Data>(path: string, parameters: Record<string, string> = {}): Promise<Data> {
    const query = new URLSearchParams(parameters);
    const response = await fetch(`${this.url}/api/v1/${path}?${query}`);
    const { data, error } = (await response.json()) as { data: Data; error?: string };
    if (error !== undefined) throw new Error(`${query}: ${error}`);
    return data;
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child && child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(this.directory, { recursive: true });
  }
}

describe('The Grafana dashboard', () => {
  it('has panels with unique ids and titles that do not overlap', () => {
    const { panels: all } = dashboard;
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('queries the selected data source in every panel', () => {
    const chosen = { type: 'prometheus', uid: '${datasource}' };
    expect(panels.length).toBeGreaterThan(15);
    for (const { targets = [], datasource } of panels) {
      expect(targets.length).toBeGreaterThan(0);
      for (const used of [datasource, ...targets.map((target) => target.datasource)])
        expect(used).toEqual(chosen);
    }
  });
});

describeWith(['promtool'], 'The Prometheus alerts', () => {
  it('are valid and pass their tests', async () => {
    const promtool = async (...args: string[]) =>
      (await promisify(execFile)('promtool', args, { cwd: MONITORING, env })).stdout;
    expect(await promtool('check', 'rules', 'alerts.yml')).toContain(
      `SUCCESS: ${alerts.length} rules found`,
    );
    expect(await promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  });

  it('each fire in a test and are documented in docs/operating.md', () => {
    const firing = [
      ...fileOf('alerts.test.yml').matchAll(/alertname: (\w+)\n.*\n +exp_alerts:\n +- exp_labels/g),
    ].map(([, name]) => name);
    expect(alerts.length).toBeGreaterThan(5);
    expect([...new Set(firing)].sort()).toEqual([...alerts].sort());
    const page = readWorkspaceFile('docs/operating.md');
    expect([...page.matchAll(/^\| `(CallsExport\w+)`/gm)].map(([, name]) => name)).toEqual(alerts);
  });
});

afterAll(() => Program.killAll());

describeWith(['prometheus'], 'Prometheus', () => {
  describeEachDatabase(
    'has data of the API',
    dataSourceOptions,
    (database) => {
      const prometheus = new Prometheus();
      beforeAll(async () => {
        await seedCalls(database.dataSource, 1, LARGE_EXPORT);
        const port = await freePort();
        const program = new Program(
          'main',
          {
            PORT: '0',
            METRICS_PORT: String(port),
            DATABASE_URL: database.url,
            JWT_SECRET: SECRET,
            EXPORT_MAX_PER_ACCOUNT: '1',
            RATE_LIMIT_PER_ADDRESS: '8',
          },
          tmpdir(),
        );
        const url = `${await program.printed(LISTENING)}/api/v1/calls/export`;
        await prometheus.start(`127.0.0.1:${port}`);
        const value = async (expression: string) =>
          Number((await prometheus.query(expression))[0]?.value[1]);
        await until(async () => (await value('up')) === 1, TIMEOUT_MS);
        await exportOfEachOutcome(url, async () => {
          const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
          return /^calls_exports_running 0$/m.test(metrics);
        });
        // Each outcome has been scraped twice, because a rate needs an earlier value.
        for (const outcome of ['completed', 'aborted', 'failed', 'refused'])
          await until(
            async () =>
              (await value(`sum(increase(calls_exports_total{outcome="${outcome}"}[1m]))`)) > 0,
            TIMEOUT_MS,
          );
      }, 2 * TIMEOUT_MS);
      afterAll(() => prometheus.stop());

      async function exportOfEachOutcome(url: string, isFree: () => Promise<boolean>) {
        const open = (query: string, headers = bearer(1)) =>
          Download.open(`${url}?${query}`, headers);
        for (const format of ['csv', 'ndjson', 'xlsx']) {
          await (await open(`format=${format}`)).take();
          await until(isFree, TIMEOUT_MS);
        }
        const aborted = await open('format=json');
        expect((await open('')).response.statusCode).toBe(429);
        aborted.abort();
        await until(isFree, TIMEOUT_MS);
        const failed = await open('format=json');
        await whileCallsMissing(database.dataSource, () =>
          expect(failed.take()).rejects.toThrow('aborted'),
        );
        for (const status of [401, 401, 429])
          expect((await open('', {})).response.statusCode).toBe(status);
      }

      /** Substitutes variables like Grafana with all instances selected. */
      const substituted = (expression: string) =>
        expression
          .replaceAll('$__rate_interval', '1m')
          .replaceAll('$job', 'calls-export')
          .replaceAll('$instance', '.*');

      it.each(
        panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr])),
      )(
        'for the panel "%s": %s',
        async (_, expression) => {
          const query = substituted(expression as string);
          expect(query).not.toContain('$');
          const values = async () =>
            (await prometheus.query(query)).map((series) => Number(series.value[1]));
          // Some values arrive one scrape later than others.
          await until(async () => (await values()).some(Number.isFinite), 20_000);
        },
        2 * TIMEOUT_MS,
      );

      it('for the variables of the dashboard', async () => {
        const variables = dashboard.templating.list.filter(({ type }) => type === 'query');
        expect(variables.map(({ name }) => name)).toEqual(['job', 'instance']);
        for (const { query } of variables) {
          const [, selector, label] =
            /^label_values\((.+), (\w+)\)$/.exec(substituted(query.query)) ?? [];
          const series = await prometheus.query(selector as string);
          expect(series.map(({ metric }) => metric[label as string])).toEqual([
            expect.stringMatching(/^(calls-export|127\.0\.0\.1:\d+)$/),
          ]);
        }
      });

      it('for the alerts, none of which fails or fires', async () => {
        const rules = async () => {
          const { groups } = await prometheus.get<{
            groups: { rules: { name: string; health: string; state: string; query: string }[] }[];
          }>('rules');
          return groups.flatMap((group) => group.rules);
        };
        await until(
          async () => (await rules()).every(({ health }) => health !== 'unknown'),
          10_000,
        );
        expect((await rules()).map(({ name, health, state }) => [name, health, state])).toEqual(
          alerts.map((name) => [name, 'ok', expect.stringMatching(/^(inactive|pending)$/)]),
        );
        for (const { query } of await rules()) {
          const compared = query.replace(/ (==|>=?) .*$/, '');
          expect([query, await prometheus.query(compared)]).not.toEqual([query, []]);
        }
      });
    },
    ['embedded PostgreSQL'],
  );
});
