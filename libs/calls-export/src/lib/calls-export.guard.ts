import { type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { accountIdOf } from './account-id.decorator';

/**
 * Lets in a request whose bearer token the host's passport strategy `jwt` has verified and which names an account.
 * Others are answered 401 with the challenge of RFC 6750, section 3, or 403.
 */
@Injectable()
export class CallsExportGuard extends AuthGuard('jwt') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    accountIdOf(this.getRequest(context).user);
    return true;
  }

  override handleRequest<TUser>(
    error: unknown,
    user: TUser,
    _info: unknown,
    context: ExecutionContext,
  ): TUser {
    if (error) throw error;
    if (user) return user;
    const hasToken = /^bearer /i.test(this.getRequest(context).headers.authorization ?? '');
    const response = context
      .switchToHttp()
      .getResponse<{ header(name: string, value: string): void }>();
    response.header('WWW-Authenticate', hasToken ? 'Bearer error="invalid_token"' : 'Bearer');
    throw new UnauthorizedException(
      hasToken
        ? 'The bearer token is not valid or has expired'
        : 'A bearer token is required in the Authorization header',
    );
  }
}
