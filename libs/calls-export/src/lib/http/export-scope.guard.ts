import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
} from '@nestjs/common';
import { type DataSource, InstanceChecker } from 'typeorm';
import { type AccountId, isAccountId } from '../model/account-id';
import type { ExportRequest } from '../model/export-request';
import {
  DATA_SOURCE,
  type DataSourceOfRequest,
  EXPORTED_CALLS,
  type ExportedCalls,
} from '../options/calls-export-extras';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/calls-export-options';

/** What a request may export. */
export interface ExportScope {
  readonly account: AccountId;
  /** The name of the view. Undefined if the module has a single view. */
  readonly view?: string;
  /** The DataSource that holds the account's calls. Undefined if the app has a single one. */
  readonly dataSource?: DataSource;
}

const scopes = new WeakMap<ExportRequest, ExportScope>();

/**
 * Determines what a request may export. Runs after the other guards. Responds with 403 if the request does
 * not identify an account, a view or a database.
 */
@Injectable()
export class ExportScopeGuard implements CanActivate {
  constructor(
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(EXPORTED_CALLS) private readonly exported: ExportedCalls,
    @Inject(DATA_SOURCE) private readonly dataSource: DataSource | DataSourceOfRequest,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ExportRequest>();
    const account: unknown = await this.options.findAccount(request);
    if (!isAccountId(account))
      throw new ForbiddenException('The request does not identify an account');
    const scope = { account, view: await this.viewOf(request) };
    scopes.set(request, { ...scope, dataSource: await this.dataSourceOf(request) });
    return true;
  }

  private async viewOf(request: ExportRequest): Promise<string | undefined> {
    const { findView } = this.options;
    if (!findView) return undefined;
    const view: unknown = await findView(request);
    if (typeof view === 'string' && this.exported.views.has(view)) return view;
    throw new ForbiddenException('The request does not identify a view of the calls');
  }

  private async dataSourceOf(request: ExportRequest): Promise<DataSource | undefined> {
    const { dataSource } = this;
    if (typeof dataSource !== 'function') return undefined;
    const found: unknown = await dataSource(request);
    if (InstanceChecker.isDataSource(found)) return found;
    throw new ForbiddenException('The request does not identify a database');
  }
}

/**
 * Returns what a request that has passed `ExportScopeGuard` may export. Not a parameter decorator,
 * because the host app's global pipes could change its value.
 *
 * @throws Error if the request has not passed the guard.
 */
export function scopeOf(request: ExportRequest): ExportScope {
  const scope = scopes.get(request);
  if (!scope) throw new Error('The request has not passed ExportScopeGuard');
  return scope;
}
