import {
  type DynamicModule,
  type INestApplication,
  type NestInterceptor,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import { map } from 'rxjs';
import { CallsExportModule } from '../src';
import { exportedSids } from './exported-sids';
import {
  ACCOUNT_1,
  ADAPTER_NAMES,
  closeHosts,
  HEADER_OPTIONS,
  memory,
  startHost,
} from './small-host';

afterEach(closeHosts);

const IMPORTS = {
  forRoot: () => CallsExportModule.forRoot(HEADER_OPTIONS),
  forRootAsync: () =>
    CallsExportModule.forRootAsync({
      ...HEADER_OPTIONS,
      useFactory: async () => ({ pageSize: 10 }),
    }),
};

describe.each(ADAPTER_NAMES)('In a host on %s,', (adapter) => {
  const start = async (imports: DynamicModule[], configure?: (host: INestApplication) => void) =>
    (await startHost(imports, { adapter, configure })).url;

  describe.each(Object.keys(IMPORTS) as (keyof typeof IMPORTS)[])('the export by %s', (method) => {
    const imports = (autoLoad = true) => [memory(undefined, 1, autoLoad), IMPORTS[method]()];

    it.each([true, false])('works with autoLoadEntities: %s', async (autoLoad) => {
      const url = await start(imports(autoLoad));
      expect(await exportedSids(`${url}/calls/export?format=json`)).toEqual(['CA of 1']);
      expect(await exportedSids(`${url}/calls/export?format=json`, 2)).toEqual([]);
    });

    it("has the host's global prefix and version in its path", async () => {
      const url = await start(imports(), (host) =>
        host
          .setGlobalPrefix('api')
          .enableVersioning({ type: VersioningType.URI, defaultVersion: '3' }),
      );
      expect(await exportedSids(`${url}/api/v3/calls/export?format=json`)).toEqual(['CA of 1']);
    });

    it.each([undefined, '3'])(
      'is in every version if a header has the version (%s)',
      async (version) => {
        const url = await start(imports(), (host) =>
          host.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
        );
        expect(
          await exportedSids(
            `${url}/calls/export?format=json`,
            1,
            version ? { 'x-version': version } : {},
          ),
        ).toEqual(['CA of 1']);
      },
    );

    it("is not changed by the host's global pipes and interceptors", async () => {
      const envelope: NestInterceptor = {
        intercept: (_, next) => next.handle().pipe(map((data: unknown) => ({ data }))),
      };
      const url = await start(imports(), (host) =>
        host
          .useGlobalPipes(
            new ValidationPipe({
              transform: true,
              whitelist: true,
              forbidNonWhitelisted: true,
              transformOptions: { enableImplicitConversion: true },
            }),
          )
          .useGlobalInterceptors(envelope),
      );
      expect(await exportedSids(`${url}/calls/export?format=json`)).toEqual(['CA of 1']);
      const refused = await fetch(`${url}/calls/export?from=2023-10-30`, {
        headers: ACCOUNT_1,
      });
      expect(await refused.json()).toMatchObject({
        message: [expect.stringContaining('from is not a parameter of the export')],
      });
    });

    it.each(['', 'format=json', 'status=busy'])(
      'responds to HEAD with the headers of GET and the number of calls (%s)',
      async (query) => {
        const url = `${await start(imports())}/calls/export?${query}`;
        const [head, get] = await Promise.all(
          ['HEAD', 'GET'].map((method) => fetch(url, { method, headers: ACCOUNT_1 })),
        );
        // They depend on the connection, the time, or a body, which a response to HEAD lacks.
        const varying = ['date', 'connection', 'keep-alive', 'transfer-encoding', 'etag'];
        const headers = (response?: Response) =>
          Object.fromEntries(
            [...(response?.headers ?? [])].filter(([name]) => !varying.includes(name)),
          );
        expect(await head?.text()).toBe('');
        await get?.text();
        expect(headers(head)).toEqual({
          ...headers(get),
          'x-total-count': query === 'status=busy' ? '0' : '1',
        });
      },
    );

    it("passes its errors to the host's exception filters", async () => {
      const url = await start(imports(), (host) =>
        host.useGlobalFilters({
          catch: (error, context) =>
            host
              .getHttpAdapter()
              .reply(context.switchToHttp().getResponse(), { code: error.getStatus() }, 418),
        }),
      );
      const response = await fetch(`${url}/calls/export?status=lost`, {
        headers: ACCOUNT_1,
      });
      expect([response.status, await response.json()]).toEqual([418, { code: 400 }]);
    });
  });
});
