import {
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  Logger,
} from '@nestjs/common';
import { until } from '@calls/testing';
import { CallsExportModule } from '../src';
import { type Adapter, closeHosts, ENTITIES, memory, startHost } from './small-host';

/** Admits every request, and records its query as the host's parser parsed it. */
class QueryGuard implements CanActivate {
  static seen: object[] = [];

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    request.user = { account_id: 1 };
    QueryGuard.seen.push({ ...request.query });
    return true;
  }
}

const lines: { parameters: object }[] = [];
beforeEach(() => {
  QueryGuard.seen = [];
  lines.splice(0);
  jest.spyOn(Logger.prototype, 'log').mockImplementation((line) => {
    if (line?.export) lines.push(line);
  });
});
afterEach(async () => {
  await closeHosts();
  jest.restoreAllMocks();
});

async function start(
  adapter: Adapter = 'Express',
  hostParameters?: readonly string[],
  parser = 'simple',
): Promise<string> {
  const configure = (app: INestApplication) => {
    if (adapter === 'Express') app.getHttpAdapter().getInstance().set('query parser', parser);
  };
  const options = { ...ENTITIES, guards: [QueryGuard], statuses: ['voicemail'], hostParameters };
  const { url } = await startHost([memory(), CallsExportModule.forRoot(options)], {
    adapter,
    configure,
  });
  return `${url}/calls/export`;
}

const PARSERS = [
  ['Express', 'simple'],
  ['Express', 'extended'],
  ['Fastify', 'its own'],
] as const;

describe.each(PARSERS)(
  "The option hostParameters on %s, with the parser '%s',",
  (adapter, parser) => {
    const names = ['access_token', '_', 'constructor', '__proto__', 'toString'];

    it.each([
      'access_token=secret&_=17',
      '_=1&_=2',
      'access_token[x]=1',
      'access_token[]=1&access_token[]=2',
      'access_token[x][y]=1',
      '_=',
      '__proto__=1&constructor=2&toString=3',
      '__proto__[polluted]=1&constructor[prototype][polluted]=1',
    ])("lets parameters through to the host's guards only (%s)", async (query) => {
      const url = await start(adapter, names, parser);
      const response = await fetch(`${url}?format=json&${query}&status=voicemail`);
      expect([response.status, await response.json()]).toEqual([
        200,
        [expect.objectContaining({ call_sid: 'CA of 1' })],
      ]);
      await until(() => lines.length > 0, 10_000);
      expect(lines[0]?.parameters).toEqual({ format: 'json', status: 'voicemail' });
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      const head = await fetch(`${url}?${query}`, { method: 'HEAD' });
      expect(head.headers.get('x-total-count')).toBe('1');
      if (query.startsWith('access_token=')) {
        expect(QueryGuard.seen[0]).toMatchObject({ access_token: 'secret', _: '17' });
      }
    });

    it.each([
      ['token=1', 'token'],
      ['__=1', '__'],
      ['access_tokens=1', 'access_tokens'],
      ['x[access_token]=1', 'x'],
      ['hasOwnProperty=1', 'hasOwnProperty'],
    ])('lets no other parameter through (%s)', async (query, name) => {
      const url = await start(adapter, names, parser);
      const response = await fetch(`${url}?${query}`);
      expect([response.status, await response.json()]).toMatchObject([
        400,
        {
          message: [
            expect.stringMatching(new RegExp(`^${name}.* is not a parameter of the export`)),
          ],
        },
      ]);
    });

    it('is empty by default', async () => {
      const url = await start(adapter, undefined, parser);
      for (const query of ['access_token=1', '_=1', 'constructor=1']) {
        expect((await fetch(`${url}?${query}`)).status).toBe(400);
      }
    });
  },
);

it.each<[unknown]>([
  [['format']],
  [['_', 'assistant_id']],
  [['']],
  [[5]],
  ['access_token'],
  [null],
])("hostParameters must be names other than the export's own (case %#)", async (hostParameters) => {
  await expect(start('Express', hostParameters as string[])).rejects.toThrow(
    'CallsExportModule option hostParameters must be a list of query parameter names other than format, status, assistant_id, date_from, date_to, timezone, after, got ',
  );
});
