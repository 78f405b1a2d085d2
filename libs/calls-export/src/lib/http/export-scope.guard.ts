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
  /** Which columns; undefined if the host has one view alone. */
  readonly view?: string;
  /** Where its calls are; undefined if all are in that of the app. */
  readonly dataSource?: DataSource;
}

const scopes = new WeakMap<ExportRequest, ExportScope>();

/** Finds what a request that the other guards have let in may export, or answers 403. */
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
    if (!isAccountId(account)) throw new ForbiddenException('The request opens no account');
    const scope = { account, view: await this.viewOf(request) };
    scopes.set(request, { ...scope, dataSource: await this.dataSourceOf(request) });
    return true;
  }

  private async viewOf(request: ExportRequest): Promise<string | undefined> {
    const { findView } = this.options;
    if (!findView) return undefined;
    const view: unknown = await findView(request);
    if (typeof view === 'string' && this.exported.views.has(view)) return view;
    throw new ForbiddenException('The request opens no view of the calls');
  }

  private async dataSourceOf(request: ExportRequest): Promise<DataSource | undefined> {
    const { dataSource } = this;
    if (typeof dataSource !== 'function') return undefined;
    const found: unknown = await dataSource(request);
    if (InstanceChecker.isDataSource(found)) return found;
    throw new ForbiddenException('The request opens no database');
  }
}

/**
 * What a request that has passed `ExportScopeGuard` may export. Not a parameter's decorator, whose value the host's global pipes might
 * change.
 */
export function scopeOf(request: ExportRequest): ExportScope {
  const scope = scopes.get(request);
  if (!scope) throw new Error('The request has not passed ExportScopeGuard');
  return scope;
}
