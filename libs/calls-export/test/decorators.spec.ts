import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  ForbiddenException,
  Header,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  UseGuards,
  UseInterceptors,
  Version,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { SkipThrottle, Throttle, ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { CallsExportModule, type CallsExportModuleOptions } from '../src';
import {
  ACCOUNT_1,
  ADAPTER_NAMES,
  closeHosts,
  HEADER_OPTIONS,
  memory,
  type SmallHostOptions,
  startHost,
} from './small-host';

afterEach(closeHosts);

const Roles = Reflector.createDecorator<string[]>();
const Public = () => SetMetadata('isPublic', true);

/** A typical global guard of a host. */
@Injectable()
class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    const roles = this.reflector.getAllAndOverride(Roles, targets);
    if (this.reflector.getAllAndOverride<boolean>('isPublic', targets)) return true;
    return roles?.includes(context.switchToHttp().getRequest().headers['x-role']) ?? false;
  }
}

/** A guard that only looks at the class. */
@Injectable()
class ClassGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    return this.reflector.get<boolean>('isPublic', context.getClass()) ?? false;
  }
}

const METHODS = ['GET', 'HEAD'];

describe.each(ADAPTER_NAMES)('The option decorators on %s', (adapter) => {
  const start = async (
    options: readonly CallsExportModuleOptions[],
    host: Omit<SmallHostOptions, 'adapter'> = {},
    imports: Parameters<typeof startHost>[0] = [],
  ) =>
    (
      await startHost(
        [
          memory(),
          ...imports,
          ...options.map((more) => CallsExportModule.forRoot({ ...HEADER_OPTIONS, ...more })),
        ],
        { adapter, ...host },
      )
    ).url;
  const statuses = (url: string, headers: Record<string, string> = {}) =>
    Promise.all(
      METHODS.map(async (method) => {
        const response = await fetch(url, { method, headers: { ...ACCOUNT_1, ...headers } });
        await response.arrayBuffer();
        return response.status;
      }),
    );

  it("gives each import its own metadata, which the host's global guards find", async () => {
    const url = await start(
      [
        { path: 'admins', decorators: [Roles(['admin'])] },
        { path: 'users', decorators: [Roles(['admin']), Roles(['user'])] },
        { path: 'public', decorators: [Public()] },
        { path: 'closed' },
      ],
      { providers: [{ provide: APP_GUARD, useClass: RolesGuard }] },
    );
    const admin = { 'x-role': 'admin' };
    expect(await statuses(`${url}/admins`, admin)).toEqual([200, 200]);
    expect(await statuses(`${url}/admins`)).toEqual([403, 403]);
    // The first one is the outermost, as above a handler.
    expect(await statuses(`${url}/users`, admin)).toEqual([200, 200]);
    expect(await statuses(`${url}/users`, { 'x-role': 'user' })).toEqual([403, 403]);
    expect(await statuses(`${url}/public`)).toEqual([200, 200]);
    expect(await statuses(`${url}/closed`, admin)).toEqual([403, 403]);
  });

  it('sets metadata on the class too', async () => {
    const url = await start([{ path: 'public', decorators: [Public()] }, { path: 'closed' }], {
      providers: [{ provide: APP_GUARD, useClass: ClassGuard }],
    });
    expect(await statuses(`${url}/public`)).toEqual([200, 200]);
    expect(await statuses(`${url}/closed`)).toEqual([403, 403]);
  });

  it('gives the export a version in the URI', async () => {
    const url = await start(
      [{ decorators: [Version('2')] }, { decorators: [Version(['3', '4'])] }],
      { configure: (app) => app.enableVersioning({ type: VersioningType.URI }) },
    );
    for (const version of ['2', '3', '4']) {
      expect(await statuses(`${url}/v${version}/calls/export`)).toEqual([200, 200]);
    }
    expect(await statuses(`${url}/calls/export`)).toEqual([404, 404]);
  });

  it('gives the export a version in a header', async () => {
    const url = await start([{ decorators: [Version('2')] }], {
      configure: (app) =>
        app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
    });
    expect(await statuses(`${url}/calls/export`, { 'x-version': '2' })).toEqual([200, 200]);
    expect(await statuses(`${url}/calls/export`, { 'x-version': '1' })).toEqual([404, 404]);
    expect(await statuses(`${url}/calls/export`)).toEqual([404, 404]);
  });

  it('skips or changes the limits of @nestjs/throttler', async () => {
    const url = await start(
      [
        { path: 'limited' },
        { path: 'skipped', decorators: [SkipThrottle()] },
        { path: 'generous', decorators: [Throttle({ default: { limit: 100, ttl: 60_000 } })] },
      ],
      { providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }] },
      [ThrottlerModule.forRoot([{ limit: 0, ttl: 60_000 }])],
    );
    expect(await statuses(`${url}/limited`)).toEqual([429, 429]);
    expect(await statuses(`${url}/skipped`)).toEqual([200, 200]);
    expect(await statuses(`${url}/generous`)).toEqual([200, 200]);
  });

  it('runs guards and interceptors once, before the account is determined', async () => {
    const seen: string[] = [];
    const guard: CanActivate = {
      canActivate(context) {
        seen.push('guard');
        context.switchToHttp().getRequest().user = { account_id: 1 };
        return true;
      },
    };
    const interceptor: NestInterceptor = {
      intercept(_, next) {
        seen.push('interceptor');
        return next.handle();
      },
    };
    const url = await start([
      { guards: [], decorators: [UseGuards(guard), UseInterceptors(interceptor)] },
    ]);
    expect(await statuses(`${url}/calls/export`)).toEqual([200, 200]);
    expect(seen.toSorted()).toEqual(['guard', 'guard', 'interceptor', 'interceptor']);
  });

  it('accepts decorators for methods only or for classes only', async () => {
    const classes: unknown[] = [];
    const forClasses: ClassDecorator = (target) => {
      if (!target.prototype) throw new TypeError('not a class');
      classes.push(target);
      Reflect.defineMetadata('isPublic', true, target);
    };
    const forClassesToo: ClassDecorator = (target) => {
      if (typeof target === 'function') Reflect.defineMetadata('isPublic', true, target);
    };
    const url = await start(
      [
        { decorators: [forClasses, Header('X-Own', 'yes')] },
        { path: 'too', decorators: [forClassesToo] },
      ],
      { providers: [{ provide: APP_GUARD, useClass: ClassGuard }] },
    );
    const response = await fetch(`${url}/calls/export`, { headers: ACCOUNT_1 });
    expect([response.status, response.headers.get('x-own')]).toEqual([200, 'yes']);
    expect(classes).toHaveLength(1);
    expect(await statuses(`${url}/too`)).toEqual([200, 200]);
  });

  it('accepts decorators that wrap the handlers', async () => {
    const seen: unknown[] = [];
    const traced: MethodDecorator = (_target, name, descriptor) => {
      const original = descriptor.value as (...args: unknown[]) => unknown;
      const value = function (this: unknown, ...args: unknown[]) {
        seen.push(name);
        return original.apply(this, args);
      };
      return { ...descriptor, value } as typeof descriptor;
    };
    const url = await start([{ decorators: [traced] }]);
    expect(await statuses(`${url}/calls/export`)).toEqual([200, 200]);
    expect(seen.toSorted()).toEqual(['count', 'export']);
  });
});

describe('The option decorators', () => {
  it('does not change the path', async () => {
    const { url } = await startHost([
      memory(),
      CallsExportModule.forRoot({ ...HEADER_OPTIONS, decorators: [Controller('elsewhere')] }),
    ]);
    const response = await fetch(`${url}/calls/export`, { headers: ACCOUNT_1 });
    await response.arrayBuffer();
    expect(response.status).toBe(200);
  });

  it('rejects decorators that throw, and values that are not decorators', () => {
    const broken = () => {
      throw new ForbiddenException('broken');
    };
    const mount = (decorators: unknown) => () =>
      CallsExportModule.forRoot({ decorators: decorators as ClassDecorator[] });
    expect(mount([broken])).toThrow('broken');
    const sentence = 'CallsExportModule option decorators must be a list of decorators, got ';
    expect(mount(Public())).toThrow(sentence);
    expect(mount(['Public'])).toThrow(sentence);
  });
});
