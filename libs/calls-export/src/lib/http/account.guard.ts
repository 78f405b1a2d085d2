import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
} from '@nestjs/common';
import { type AccountId, isAccountId } from '../model/account-id';
import type { ExportRequest } from '../model/export-request';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/calls-export-options';

const accounts = new WeakMap<ExportRequest, AccountId>();

/** Finds the account of a request that the other guards have let in, or answers 403. */
@Injectable()
export class AccountGuard implements CanActivate {
  constructor(@Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ExportRequest>();
    const account: unknown = await this.options.findAccount(request);
    if (!isAccountId(account)) throw new ForbiddenException('The request opens no account');
    accounts.set(request, account);
    return true;
  }
}

/**
 * The account of a request that has passed `AccountGuard`. Not a parameter's decorator, whose value the host's global pipes might
 * change.
 */
export function accountOf(request: ExportRequest): AccountId {
  const account = accounts.get(request);
  if (account === undefined) throw new Error('The request has not passed AccountGuard');
  return account;
}
