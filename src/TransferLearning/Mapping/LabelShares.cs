using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Learning on target rows whose labels came over by transport.</summary>
internal static class LabelShares
{
    /// <summary>
    /// Labels that rows receive: the mean of the senders' labels by the mass that comes from each; zeros where none
    /// comes.
    /// </summary>
    /// <param name="received">The sum of labels by mass <c>[m, k]</c>.</param>
    /// <param name="mass">The mass <c>[m]</c>.</param>
    public static Tensor Of(Tensor received, Tensor mass) => received / mass.clamp_min(1e-300).unsqueeze(1);

    /// <summary>Fits a learner to rows with the labels that they received; rows without mass take no part.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="rows">Target rows <c>[m, d]</c>.</param>
    /// <param name="labels">What <see cref="Of"/> gave: values, or shares of classes.</param>
    /// <param name="mass">The mass <c>[m]</c> that came to each row.</param>
    /// <param name="space">What the labels mean.</param>
    /// <param name="keepsShares">Whether a row counts for every class by its share; else for its largest alone.</param>
    public static ILabelPredictor Learn(
        ILabelLearner learner,
        Tensor rows,
        Tensor labels,
        Tensor mass,
        LabelSpace space,
        bool keepsShares
    )
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var reached = mass.gt(0).nonzero().squeeze(1);
        if (reached.shape[0] < rows.shape[0])
        {
            (rows, labels) = (rows.index_select(0, reached), labels.index_select(0, reached));
        }
        if (!space.IsClasses)
        {
            return learner.Fit(new LabeledDomain(rows, labels.to(rows.dtype), space: space));
        }
        if (!keepsShares)
        {
            return learner.Fit(new LabeledDomain(rows, labels.argmax(1), space: space));
        }
        var pairs = labels.nonzero();
        var (row, label) = (pairs.select(1, 0), pairs.select(1, 1).contiguous());
        var shares = labels.reshape(-1).index_select(0, (row * labels.shape[1]) + label);
        return learner.Fit(new LabeledDomain(rows.index_select(0, row), label, shares.to(rows.dtype), space));
    }
}
