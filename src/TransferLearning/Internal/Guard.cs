using System.Globalization;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Checks of arguments that say what was expected and what came.</summary>
internal static class Guard
{
    private static readonly ConditionalWeakTable<object, object> Legal = [];

    /// <summary>The value must lie in <c>[least, below)</c>.</summary>
    public static void InRange(
        double value,
        double least,
        double below,
        [CallerArgumentExpression(nameof(value))] string name = ""
    )
    {
        if (!(value >= least && value < below))
        {
            throw new ArgumentOutOfRangeException(
                name,
                value,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} must be at least {least} and below {below}; got {value}."
                )
            );
        }
    }

    /// <summary>The value must lie in <c>[least, most]</c>.</summary>
    public static void Within(
        double value,
        double least,
        double most,
        [CallerArgumentExpression(nameof(value))] string name = ""
    )
    {
        if (!(value >= least && value <= most))
        {
            throw new ArgumentOutOfRangeException(
                name,
                value,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} must be at least {least} and at most {most}; got {value}."
                )
            );
        }
    }

    /// <summary>The value must be a finite number.</summary>
    public static void Finite(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(
                name,
                value,
                string.Create(CultureInfo.InvariantCulture, $"{name} must be a finite number; got {value}.")
            );
        }
    }

    /// <summary>The value must be positive and finite.</summary>
    public static void Positive(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value > 0) || double.IsInfinity(value))
        {
            throw new ArgumentOutOfRangeException(
                name,
                value,
                string.Create(CultureInfo.InvariantCulture, $"{name} must be positive and finite; got {value}.")
            );
        }
    }

    /// <summary>The value must not be negative, and be finite.</summary>
    public static void NotNegative(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value >= 0) || double.IsInfinity(value))
        {
            throw new ArgumentOutOfRangeException(
                name,
                value,
                string.Create(CultureInfo.InvariantCulture, $"{name} must not be negative, and be finite; got {value}.")
            );
        }
    }

    /// <summary>
    /// The options of a description, and of those inside it, must be legal (<see cref="OptionRangeAttribute"/>).
    /// </summary>
    /// <remarks>
    /// Descriptions do not change: one that was found legal is not looked at again in every step of a training.
    /// </remarks>
    public static void Options(object owner)
    {
        if (Legal.TryGetValue(owner, out _))
        {
            return;
        }
        foreach (var (option, value, message) in OptionChecks.Inside(owner).SelectMany(OptionChecks.Faults))
        {
            throw new ArgumentOutOfRangeException(option.Name, value, message);
        }
        _ = Legal.TryAdd(owner, owner);
    }

    /// <summary>The tensor, which must be there and not be disposed.</summary>
    public static Tensor Alive(Tensor tensor, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        return !tensor.IsInvalid
            ? tensor
            : throw new ObjectDisposedException(
                name,
                $"{name}: the tensor has been disposed; it must live as long as anything is computed from it."
            );
    }

    /// <summary>The tensor, which must not be disposed where it is given.</summary>
    public static Tensor? AliveOrNull(Tensor? tensor, [CallerArgumentExpression(nameof(tensor))] string name = "") =>
        tensor is null ? null : Alive(tensor, name);

    /// <summary>What a fitted part keeps must not be disposed.</summary>
    public static void Alive(object owner, Tensor? kept) =>
        ObjectDisposedException.ThrowIf(kept is { IsInvalid: true }, owner);

    /// <summary>The tensor must be feature rows <c>[n, d]</c> of a floating dtype with at least some rows.</summary>
    public static void Rows(Tensor rows, long least = 1, [CallerArgumentExpression(nameof(rows))] string name = "")
    {
        Alive(rows, name);
        if (rows.dim() != 2 || !rows.is_floating_point())
        {
            throw new ArgumentException(
                $"{name} must be feature rows [n, d] of a floating dtype; got {Shape.Of(rows)}.",
                name
            );
        }
        if (rows.shape[0] < least)
        {
            throw new ArgumentException($"{name} must have at least {least} row(s); got {Shape.Of(rows)}.", name);
        }
    }

    /// <summary>
    /// Rows as wide as those of the fit. Without it a wrong width reaches libtorch's matrix product, from where
    /// TorchSharp lets the fault end the process.
    /// </summary>
    public static void Fitted(Tensor rows, long width, [CallerArgumentExpression(nameof(rows))] string name = "")
    {
        Rows(rows, 0, name);
        if (rows.shape[1] != width)
        {
            throw new ArgumentException($"{name} must be {width} wide, as in the fit; got {Shape.Of(rows)}.", name);
        }
    }

    /// <summary>
    /// Both tensors must be as many feature rows, of the same width, dtype and device: row i of one goes with row i of
    /// the other.
    /// </summary>
    public static void Matching(
        Tensor left,
        Tensor right,
        [CallerArgumentExpression(nameof(left))] string leftName = "",
        [CallerArgumentExpression(nameof(right))] string rightName = ""
    )
    {
        Pair(left, right, 0, leftName, rightName);
        if (left.shape[0] != right.shape[0])
        {
            throw new ArgumentException(
                $"{leftName} and {rightName} must be as many rows; got {Shape.Of(left)} and {Shape.Of(right)}.",
                rightName
            );
        }
    }

    /// <summary>Scores by which rows or classes are told apart must be numbers: NaN has no place among them.</summary>
    public static void Numbers(Tensor scores, [CallerArgumentExpression(nameof(scores))] string name = "")
    {
        using var scope = NewDisposeScope();
        if (scores.is_floating_point() && scores.isnan().any().item<bool>())
        {
            throw new ArgumentException(
                $"{name} must be numbers; some of {Shape.Of(scores)} are NaN: look at what computed them.",
                name
            );
        }
    }

    /// <summary>Both tensors must be feature rows of the same width, dtype and device.</summary>
    public static void Pair(
        Tensor source,
        Tensor target,
        long least = 1,
        [CallerArgumentExpression(nameof(source))] string sourceName = "",
        [CallerArgumentExpression(nameof(target))] string targetName = ""
    )
    {
        Rows(source, least, sourceName);
        Rows(target, least, targetName);
        if (
            source.shape[1] != target.shape[1]
            || source.dtype != target.dtype
            || source.device_type != target.device_type
        )
        {
            throw new ArgumentException(
                $"{sourceName} and {targetName} must have the same width, dtype and device; got "
                    + $"{Shape.Of(source)} and {Shape.Of(target)}.",
                targetName
            );
        }
    }
}
