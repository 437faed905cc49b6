using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Arithmetic of tensors and numbers that other threads' collections cannot disturb.</summary>
/// <remarks>
/// TorchSharp makes a finalizable <c>Scalar</c> of the number in <c>x * 0.5</c>, in <c>clamp_min(0)</c> and, for the
/// factor 1, even in <c>x + y</c> and <c>x.square()</c>, and nothing keeps it alive while the native call reads it.
/// Whatever predicts, and the training loop, computes by these instead; a test holds them to it.
/// </remarks>
internal static class LivingScalars
{
    /// <summary><c>x + y</c>.</summary>
    public static Tensor Plus(this Tensor x, Tensor y)
    {
        using Scalar one = 1;
        return x.add(y, one);
    }

    /// <summary><c>x + number</c>.</summary>
    public static Tensor Plus(this Tensor x, double number)
    {
        using Scalar living = number;
        return x.add(living);
    }

    /// <summary><c>x + number</c> of whole numbers.</summary>
    public static Tensor Plus(this Tensor x, long number)
    {
        using Scalar living = number;
        return x.add(living);
    }

    /// <summary><c>x factor</c>.</summary>
    public static Tensor Times(this Tensor x, double factor)
    {
        using Scalar living = factor;
        return x.mul(living);
    }

    /// <summary><c>x factor</c> of whole numbers.</summary>
    public static Tensor Times(this Tensor x, long factor)
    {
        using Scalar living = factor;
        return x.mul(living);
    }

    /// <summary><c>x factor</c>, in the place of x.</summary>
    public static Tensor TimesInPlace(this Tensor x, double factor)
    {
        using Scalar living = factor;
        return x.mul_(living);
    }

    /// <summary><c>x^exponent</c>.</summary>
    public static Tensor Power(this Tensor x, double exponent)
    {
        using Scalar living = exponent;
        return x.pow(living);
    }

    /// <summary><c>max(x, least)</c>.</summary>
    public static Tensor AtLeast(this Tensor x, double least)
    {
        using Scalar living = least;
        return x.clamp_min(living);
    }

    /// <summary><c>max(x, least)</c>, in the place of x.</summary>
    public static Tensor AtLeastInPlace(this Tensor x, double least)
    {
        using Scalar living = least;
        return x.clamp_min_(living);
    }

    /// <summary><c>x > number</c>.</summary>
    public static Tensor IsOver(this Tensor x, double number)
    {
        using Scalar living = number;
        return x.gt(living);
    }

    /// <summary><c>x >= number</c>.</summary>
    public static Tensor IsAtLeast(this Tensor x, double number)
    {
        using Scalar living = number;
        return x.ge(living);
    }

    /// <summary><c>x = number</c> of whole numbers.</summary>
    public static Tensor Is(this Tensor x, long number)
    {
        using Scalar living = number;
        return x.eq(living);
    }

    /// <summary>A tensor of one number.</summary>
    public static Tensor Filled(long[] shape, double number, ScalarType type, Device device)
    {
        using Scalar living = number;
        return full(shape, living, type, device);
    }

    /// <summary>The whole numbers from <paramref name="first"/> to below <paramref name="end"/>.</summary>
    public static Tensor Numbers(long first, long end, ScalarType type = ScalarType.Int64, Device? device = null)
    {
        using Scalar from = first;
        using Scalar to = end;
        return arange(from, to, dtype: type, device: device);
    }
}
