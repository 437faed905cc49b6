using TransferLearning.Internal;

namespace TransferLearning.Theory;

/// <summary>Domains whose classes a bound or a diagnosis can count.</summary>
internal static class TheoryChecks
{
    /// <summary>Refuses labels that are values, and weights: the statements are of plain samples.</summary>
    public static void Classes(LabeledDomain domain, string name)
    {
        if (!domain.Space.IsClasses)
        {
            throw new ArgumentException(
                $"{name} must have classes as labels; got {domain.Space}. Cut the values into classes first.",
                name
            );
        }
        if (domain.Weights is not null)
        {
            throw new ArgumentException(
                $"{name} must not have example weights: errors and distances are counted over plain samples. Give "
                    + $"{name}.WithWeights(null).",
                name
            );
        }
    }

    /// <summary>Refuses rows or classes that do not go together with the source's.</summary>
    public static void Alike(LabeledDomain source, LabeledDomain other, string sourceName, string otherName)
    {
        Guard.Pair(source.Inputs, other.Inputs, sourceName: sourceName, targetName: otherName);
        Classes(other, otherName);
        if (other.Space.Width != source.Space.Width)
        {
            throw new ArgumentException(
                $"{otherName} must have the {source.Space.Width} classes of {sourceName}; got {other.Space.Width}. "
                    + "Name the label space of both.",
                otherName
            );
        }
    }
}
