import { createParamDecorator, type ExecutionContext, ForbiddenException } from '@nestjs/common';

const ACCOUNT_ID_MAX = 2 ** 31 - 1;

/** The account whose calls the verified token opens: its integer claim `account_id`. */
export const AccountId = createParamDecorator((_: unknown, context: ExecutionContext) =>
  accountIdOf(context.switchToHttp().getRequest<{ user?: unknown }>().user),
);

/** @throws ForbiddenException where the claims name no account. */
export function accountIdOf(user: unknown): number {
  const id = (user as { account_id?: unknown } | undefined)?.account_id;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 1 || id > ACCOUNT_ID_MAX) {
    throw new ForbiddenException(
      `The token opens no account: its claim account_id must be an integer from 1 to ${ACCOUNT_ID_MAX}`,
    );
  }
  return id;
}
