using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>What runs where the code says <c>x * 0.5</c>, <c>x + y</c> or <c>x.clamp_min(0)</c>.</summary>
/// <remarks>
/// TorchSharp makes a finalizable <see cref="Scalar"/> of the number, in <c>x + y</c> and <c>x.square()</c> of a hidden
/// one, and nothing keeps it alive while native code reads it: a collection on another thread may free it in the
/// middle of the call. Each method here computes what TorchSharp's method of the same name and parameters does (an
/// instance is the first parameter) and holds its numbers until the call is over. The build lets every call in this
/// assembly go to its twin here (<c>src/ScalarWeaver</c>); a test reads the compiled code for calls that have none.
/// </remarks>
internal static class LivingScalars
{
    public static Tensor op_Addition(Tensor x, Tensor y)
    {
        using Scalar one = 1;
        return x.add(y, one);
    }

    public static Tensor op_Addition(Tensor x, int y)
    {
        using Scalar number = y;
        return add(x, number);
    }

    public static Tensor op_Addition(Tensor x, long y)
    {
        using Scalar number = y;
        return add(x, number);
    }

    public static Tensor op_Addition(Tensor x, double y)
    {
        using Scalar number = y;
        return add(x, number);
    }

    public static Tensor op_Addition(int x, Tensor y)
    {
        using Scalar number = x;
        return add(y, number);
    }

    public static Tensor op_Addition(double x, Tensor y)
    {
        using Scalar number = x;
        return add(y, number);
    }

    public static Tensor op_Subtraction(Tensor x, int y)
    {
        using Scalar number = y;
        return x.sub(number);
    }

    public static Tensor op_Subtraction(Tensor x, long y)
    {
        using Scalar number = y;
        return x.sub(number);
    }

    public static Tensor op_Subtraction(Tensor x, double y)
    {
        using Scalar number = y;
        return x.sub(number);
    }

    public static Tensor op_Subtraction(int x, Tensor y)
    {
        using Scalar number = x;
        return add(y.negative(), number);
    }

    public static Tensor op_Subtraction(long x, Tensor y)
    {
        using Scalar number = x;
        return add(y.negative(), number);
    }

    public static Tensor op_Subtraction(double x, Tensor y)
    {
        using Scalar number = x;
        return add(y.negative(), number);
    }

    public static Tensor op_Multiply(Tensor x, int y)
    {
        using Scalar number = y;
        return x.mul(number);
    }

    public static Tensor op_Multiply(Tensor x, long y)
    {
        using Scalar number = y;
        return x.mul(number);
    }

    public static Tensor op_Multiply(Tensor x, double y)
    {
        using Scalar number = y;
        return x.mul(number);
    }

    public static Tensor op_Multiply(int x, Tensor y)
    {
        using Scalar number = x;
        return y.mul(number);
    }

    public static Tensor op_Multiply(double x, Tensor y)
    {
        using Scalar number = x;
        return y.mul(number);
    }

    public static Tensor op_Division(Tensor x, int y)
    {
        using Scalar number = y;
        return x.div(number);
    }

    public static Tensor op_Division(Tensor x, long y)
    {
        using Scalar number = y;
        return x.div(number);
    }

    public static Tensor op_Division(Tensor x, double y)
    {
        using Scalar number = y;
        return x.div(number);
    }

    public static Tensor op_Division(int x, Tensor y)
    {
        using Scalar number = x;
        return number / y;
    }

    public static Tensor op_Division(long x, Tensor y)
    {
        using Scalar number = x;
        return number / y;
    }

    public static Tensor op_Division(double x, Tensor y)
    {
        using Scalar number = x;
        return number / y;
    }

    public static Tensor op_GreaterThan(Tensor x, Scalar y)
    {
        return gt(x, y);
    }

    public static Tensor op_LessThan(Tensor x, Scalar y)
    {
        return lt(x, y);
    }

    public static Tensor add(Tensor x, Tensor target)
    {
        using Scalar one = 1;
        return x.add(target, one);
    }

    public static Tensor add_(Tensor x, Tensor target)
    {
        using Scalar one = 1;
        return x.add_(target, one);
    }

    public static Tensor square(Tensor x)
    {
        using Scalar two = 2;
        return x.pow(two);
    }

    public static Tensor add(Tensor x, Scalar scalar)
    {
        using Scalar one = 1;
        var result = x.add(scalar, one);
        GC.KeepAlive(scalar);
        return result;
    }

    public static Tensor add_(Tensor x, Scalar scalar)
    {
        using Scalar one = 1;
        var result = x.add_(scalar, one);
        GC.KeepAlive(scalar);
        return result;
    }

    public static Tensor mul(Tensor x, Scalar number)
    {
        var result = x.mul(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor mul_(Tensor x, Scalar number)
    {
        var result = x.mul_(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor pow(Tensor x, Scalar number)
    {
        var result = x.pow(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor remainder(Tensor x, Scalar number)
    {
        var result = x.remainder(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor clamp_min(Tensor x, Scalar number)
    {
        var result = x.clamp_min(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor clamp_min_(Tensor x, Scalar number)
    {
        var result = x.clamp_min_(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor clamp_max(Tensor x, Scalar number)
    {
        var result = x.clamp_max(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor gt(Tensor x, Scalar number)
    {
        var result = x.gt(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor ge(Tensor x, Scalar number)
    {
        var result = x.ge(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor lt(Tensor x, Scalar number)
    {
        var result = x.lt(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor le(Tensor x, Scalar number)
    {
        var result = x.le(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor eq(Tensor x, Scalar number)
    {
        var result = x.eq(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor ne(Tensor x, Scalar number)
    {
        var result = x.ne(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor fill_(Tensor x, Scalar number)
    {
        var result = x.fill_(number);
        GC.KeepAlive(number);
        return result;
    }

    public static Tensor clamp(Tensor x, Scalar min, Scalar max)
    {
        var result = x.clamp(min, max);
        GC.KeepAlive(min);
        GC.KeepAlive(max);
        return result;
    }

    public static Tensor div(Tensor x, Scalar target, RoundingMode rounding)
    {
        var result = x.div(target, rounding);
        GC.KeepAlive(target);
        return result;
    }

    public static Tensor div_(Tensor x, Scalar target, RoundingMode rounding)
    {
        var result = x.div_(target, rounding);
        GC.KeepAlive(target);
        return result;
    }

    public static Tensor addcmul_(Tensor x, Tensor first, Tensor second, Scalar value)
    {
        var result = x.addcmul_(first, second, value);
        GC.KeepAlive(value);
        return result;
    }

    public static Tensor masked_fill(Tensor x, Tensor mask, Scalar value)
    {
        var result = x.masked_fill(mask, value);
        GC.KeepAlive(value);
        return result;
    }

    public static Tensor index_fill(Tensor x, long dim, Tensor index, Scalar value)
    {
        var result = x.index_fill(dim, index, value);
        GC.KeepAlive(value);
        return result;
    }

    public static Tensor index_add(Tensor x, long dim, Tensor index, Tensor source, Scalar alpha)
    {
        var result = x.index_add(dim, index, source, alpha);
        GC.KeepAlive(alpha);
        return result;
    }

    public static Tensor index_add_(Tensor x, long dim, Tensor index, Tensor source, Scalar alpha)
    {
        var result = x.index_add_(dim, index, source, alpha);
        GC.KeepAlive(alpha);
        return result;
    }

    public static Tensor new_full(
        Tensor x,
        ReadOnlySpan<long> size,
        Scalar value,
        ScalarType? dtype,
        Device? device,
        bool requires_grad
    )
    {
        var result = x.new_full(size, value, dtype, device, requires_grad);
        GC.KeepAlive(value);
        return result;
    }

    public static Tensor new_full(
        Tensor x,
        long size,
        Scalar value,
        ScalarType? dtype,
        Device? device,
        bool requires_grad
    )
    {
        var result = x.new_full(size, value, dtype, device, requires_grad);
        GC.KeepAlive(value);
        return result;
    }

    public static Tensor full(
        ReadOnlySpan<long> size,
        Scalar value,
        ScalarType? dtype,
        Device? device,
        bool requires_grad,
        string[]? names
    )
    {
        var result = torch.full(size, value, dtype, device, requires_grad, names);
        GC.KeepAlive(value);
        return result;
    }

    public static Tensor full(
        long[] size,
        Scalar value,
        ScalarType? dtype,
        Device? device,
        bool requires_grad,
        string[]? names
    )
    {
        var result = torch.full(size, value, dtype, device, requires_grad, names);
        GC.KeepAlive(value);
        return result;
    }

    public static Tensor full(
        long size,
        Scalar value,
        ScalarType? dtype,
        Device? device,
        bool requires_grad,
        string[]? names
    )
    {
        var result = torch.full(size, value, dtype, device, requires_grad, names);
        GC.KeepAlive(value);
        return result;
    }

    public static Tensor full(
        int size,
        Scalar value,
        ScalarType? dtype,
        Device? device,
        bool requires_grad,
        string[]? names
    )
    {
        var result = torch.full(size, value, dtype, device, requires_grad, names);
        GC.KeepAlive(value);
        return result;
    }

    public static Tensor full_like(
        Tensor x,
        Scalar value,
        ScalarType? dtype,
        Device? device,
        bool requires_grad,
        string[]? names
    )
    {
        var result = torch.full_like(x, value, dtype, device, requires_grad, names);
        GC.KeepAlive(value);
        return result;
    }

    public static Tensor arange(Scalar stop, ScalarType? dtype, Device? device, bool requires_grad)
    {
        using Scalar zero = 0;
        using Scalar one = 1;
        var result = torch.arange(zero, stop, one, dtype, device, requires_grad);
        GC.KeepAlive(stop);
        return result;
    }

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype, Device? device, bool requires_grad)
    {
        using Scalar one = 1;
        var result = torch.arange(start, stop, one, dtype, device, requires_grad);
        GC.KeepAlive(start);
        GC.KeepAlive(stop);
        return result;
    }

    // By the logarithm of the sigmoid, which needs no number: ln(1 + e^(b x)) / b = ln sigmoid(-b x) / -b.
    public static Tensor softplus(Tensor x, double beta, double threshold) =>
        op_Division(nn.functional.logsigmoid(op_Multiply(x, -beta)), -beta);

    public static double ToDouble(Tensor value)
    {
        using var number = value.ToScalar();
        return number.ToDouble();
    }

    public static long ToInt64(Tensor value)
    {
        using var number = value.ToScalar();
        return number.ToInt64();
    }

    public static bool ToBoolean(Tensor value)
    {
        using var number = value.ToScalar();
        return number.ToBoolean();
    }
}
