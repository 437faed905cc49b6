using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// Reads a row as the class whose labeled codes it resembles most, by the likelihood that DAH trains.
/// </summary>
/// <remarks>
/// The class c of code v is as probable as <c>mean_{i of class c} e^(u_i . v)</c>, u the labeled codes (Venkateswara et
/// al. 2017, "Deep Hashing Network for Unsupervised Domain Adaptation"). The mean in the place of the authors' sum over
/// as many rows of each class keeps a class with many rows from drawing others to it. Example weights weigh it; rows of
/// weight 0 are left out. Needs no training; costs n inner products a predicted row.
/// </remarks>
public sealed record CodeLikelihood : ILabelLearner
{
    /// <summary>Whether only the signs of codes count, as in a search by Hamming distances. Default false.</summary>
    public bool IsBinary { get; init; }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The labels are values.</exception>
    public ILabelPredictor Fit(LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        return data.Space.IsClasses
            ? new CodePredictor(data, IsBinary)
            : throw new ArgumentException(
                $"codes are compared with those of classes; the labels are {data.Space}.",
                nameof(data)
            );
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.OfClasses();
    }
}
