using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// Co-Tuning: the head of the pre-trained network is fine-tuned as well, on what its classes have to do with the new
/// ones.
/// </summary>
/// <remarks>
/// <para>
/// <c>1/n sum_i -sum_c R[y_i]_c log softmax(z_i)_c</c>, z the old head's logits and <c>R[y]</c> the mean of the
/// pre-trained network's probabilities of its own classes over the labeled rows of the new class y (You, Kou, Long and
/// Wang 2020, "Co-Tuning for Transfer Learning", equation 4, the direct way to the relationship, TLLib's). The authors
/// weigh it by 2.3. A new class without rows is related to all old ones alike. Example weights count in both means.
/// </para>
/// <para>
/// R is computed when training starts, by the extractor and the old head as they are then, and is saved in checkpoints.
/// The old head must move with the network: <c>net.Main.Move(oldHead)</c>, or the recipe. One object serves one
/// training at a time.
/// </para>
/// </remarks>
/// <param name="oldHead">The pre-trained network's head.</param>
public sealed class CoTuning(ILabelPredictor oldHead) : IObjective, ITrainingHook
{
    private const long RowsAtOnce = 256;

    private readonly ILabelPredictor oldHead = oldHead ?? throw new ArgumentNullException(nameof(oldHead));
    private Tensor? relationship; // [new classes, old classes]

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [oldHead];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var terms = new List<Tensor>();
        foreach (var batch in step.Labeled)
        {
            var scores = step.Scores(oldHead, step.Features(batch));
            // In the rehearsal nothing is known of the classes yet: they are related to all alike.
            terms.Add(
                relationship is null
                    ? scores.log_softmax(1).mean().neg()
                    : Of(scores, batch.Labels, relationship.to(scores.dtype), batch.Weights)
            );
        }
        return terms.Aggregate((sum, next) => sum + next) / terms.Count;
    }

    /// <summary>The loss of some scores.</summary>
    /// <param name="scores">Logits z of the old classes <c>[n, S]</c>.</param>
    /// <param name="labels">New classes, int64 <c>[n]</c>.</param>
    /// <param name="relationship">
    /// Probabilities of the old classes for each new one <c>[C, S]</c>; taken as constants.
    /// </param>
    /// <param name="weights">Row weights <c>[n]</c>, or null.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor labels, Tensor relationship, Tensor? weights = null)
    {
        Guard.Pair(scores, relationship);
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        using var scope = NewDisposeScope();
        return CrossEntropy
            .Of(scores, relationship.detach().index_select(0, labels), weights)
            .MoveToOuterDisposeScope();
    }

    /// <summary>What new classes have to do with old ones.</summary>
    /// <param name="probabilities">Probabilities of the old classes on labeled rows <c>[n, S]</c>.</param>
    /// <param name="labels">Their new classes, int64 <c>[n]</c>.</param>
    /// <param name="classes">How many new classes there are.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null.</param>
    /// <returns>
    /// The mean probabilities of each new class <c>[C, S]</c>, 1/S for a class without rows; the caller disposes it.
    /// </returns>
    public static Tensor Relationship(Tensor probabilities, Tensor labels, long classes, Tensor? weights = null)
    {
        Guard.Rows(probabilities);
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        using var scope = NewDisposeScope();
        var isClass = nn.functional.one_hot(labels, classes).to(probabilities.dtype);
        if (weights is not null)
        {
            isClass *= weights.to(probabilities.dtype).unsqueeze(1);
        }
        var counts = isClass.sum(dim: 0).unsqueeze(1);
        var sums = isClass.t().matmul(probabilities);
        var even = full_like(sums, 1.0 / sums.shape[1]);
        return where(counts.gt(0), sums / counts.clamp_min(1e-300), even).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Forget();
        using var scope = NewDisposeScope();
        var domains = view.Domains.Sources.Select((source, i) => (source, DomainId.Source(i)));
        if (view.Domains.LabeledTarget is { } few)
        {
            domains = domains.Append((few, DomainId.Target));
        }
        var (probabilities, labels, weights) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        foreach (var (domain, id) in domains)
        {
            var network = new OldNetwork(view.Extractor.For(id), oldHead);
            var device = domain.Labels.device;
            var own = Data.BatchedPass.Over(domain.Rows, network, batchSize: RowsAtOnce, device: device);
            probabilities.Add(own.to(float64));
            labels.Add(domain.Labels);
            weights.Add(RelativeWeights.Of(domain));
        }
        relationship = Relationship(
                cat([.. probabilities]),
                cat([.. labels]),
                view.Domains.Space.Width,
                cat([.. weights])
            )
            .DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("relationship", ref relationship);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Domains.Space.IsClasses
            ? []
            : [$"relates classes to classes; the labels are {plan.Domains.Space}."];
    }

    private void Forget()
    {
        relationship?.Dispose();
        relationship = null;
    }

    private sealed class OldNetwork(IFeatureExtractor extractor, ILabelPredictor head) : IFeatureExtractor, IComposite
    {
        public IReadOnlyList<IPart> Inner => [extractor, head];

        public Tensor Extract(Tensor inputs)
        {
            using var scope = NewDisposeScope();
            return head.PredictProbabilities(extractor.Extract(inputs)).MoveToOuterDisposeScope();
        }
    }
}
