using System.Runtime.CompilerServices;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>Checks of features that stand beside labels.</summary>
internal static class LabeledFeatures
{
    /// <summary>The features in float64, beside class numbers of as many rows.</summary>
    public static Tensor Checked(Tensor features, Tensor labels)
    {
        Guard.Rows(features, least: 2);
        Labels(labels, features.shape[0], "features");
        using (NewDisposeScope())
        {
            if (!features.isfinite().all().item<bool>())
            {
                throw new ArgumentException(
                    "features hold NaN or infinite values; check the network that made them.",
                    nameof(features)
                );
            }
        }
        return features.detach().to(float64);
    }

    /// <summary>Held-out rows with classes, as many as the sources have.</summary>
    public static void HeldOut(LabeledDomain validation, DomainSet domains)
    {
        var (held, space) = (validation.Space, domains.Space);
        if (!held.IsClasses || !space.IsClasses || held.Width != space.Width)
        {
            throw new ArgumentException(
                $"validation must hold the classes of the sources; it has {held}, they have {space}.",
                nameof(validation)
            );
        }
    }

    /// <summary>Class numbers <c>[n]</c> from 0.</summary>
    public static void Labels(
        Tensor labels,
        long rows,
        string beside,
        [CallerArgumentExpression(nameof(labels))] string name = ""
    )
    {
        Guard.Alive(labels, name);
        if (labels.dim() != 1 || labels.dtype != ScalarType.Int64 || labels.shape[0] != rows || rows == 0)
        {
            throw new ArgumentException(
                $"{name} must be class numbers, int64 [{rows}], one for each row of {beside}, at least one; got "
                    + $"{Shape.Of(labels)}.",
                name
            );
        }
        using var scope = NewDisposeScope();
        if (labels.min().item<long>() < 0)
        {
            throw new ArgumentException($"{name} must be class numbers from 0; got a negative one.", name);
        }
    }

    /// <summary>Each class's rows, the absent classes left out.</summary>
    public static IEnumerable<Tensor> ByClass(Tensor features, Tensor labels)
    {
        var classes = labels.max().item<long>() + 1;
        for (long label = 0; label < classes; label++)
        {
            Canceling.Check();
            var rows = labels.eq(label).nonzero().squeeze(1);
            if (rows.shape[0] > 0)
            {
                yield return features.index_select(0, rows);
            }
        }
    }
}
