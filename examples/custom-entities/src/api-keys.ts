import { type CanActivate, type ExecutionContext, Injectable, Module } from '@nestjs/common';

/** A request with the tenant that `ApiKeyGuard` sets. */
export interface TenantRequest {
  readonly headers: Record<string, string | undefined>;
  user?: { tenantId: string };
}

/**
 * Maps API keys to tenants. This example reads them from a variable such as `API_KEYS='{"key":"tenant"}'`.
 */
@Injectable()
export class ApiKeys {
  private readonly tenants = new Map<string, string>(
    Object.entries(JSON.parse(process.env.API_KEYS ?? '{}')),
  );

  tenantOf(key: string): string | undefined {
    return this.tenants.get(key);
  }
}

@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(private readonly apiKeys: ApiKeys) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<TenantRequest>();
    const tenantId = this.apiKeys.tenantOf(request.headers['x-api-key'] ?? '');
    if (tenantId) request.user = { tenantId };
    return tenantId !== undefined;
  }
}

@Module({ providers: [ApiKeys], exports: [ApiKeys] })
export class ApiKeysModule {}
