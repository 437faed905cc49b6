using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// CPC: what came so far must tell what comes next in time, or further down in a grid of patches, from what comes
/// elsewhere in the batch.
/// </summary>
/// <remarks>
/// <para>
/// For latents z <c>[n, T, k]</c> of an encoder and contexts c <c>[n, T, m]</c> of a causal network over them, the loss
/// is the mean over s = 1 ... S and over times t of <c>InfoNCE(W_s c_t, z_{t+s})</c>,
/// <c>mean_i -log( exp(q_i . k_i / T) / sum_j exp(q_i . k_j / T) )</c> (van den Oord, Li and Vinyals 2018,
/// "Representation Learning with Contrastive Predictive Coding", equation 4). The others j are the same time of the
/// batch's other rows.
/// </para>
/// <para>
/// An encoder that gives maps <c>[n, k, height, width]</c>, a column of patches in each place, is read downwards: each
/// column is a sequence, and the others j are all columns of all rows. The encoder is the lower part of the extractor
/// under training, lent by itself: the two share their module, and it moves with the extractor.
/// </para>
/// </remarks>
/// <param name="encoder">Inputs to latents <c>[n, T, k]</c>, or to maps <c>[n, k, height, width]</c>.</param>
/// <param name="context">
/// Latents <c>[n, T, k]</c> to contexts <c>[n, T, m]</c>, looking at no later time: a recurrent network or causal
/// convolutions.
/// </param>
/// <param name="predictions">
/// Contexts <c>[n, m]</c> to guesses of the next S latents <c>[n, S k]</c>, those of the next one first: all W_s in one
/// linear layer.
/// </param>
public sealed class ContrastivePredictiveCoding(
    IFeatureExtractor encoder,
    IFeatureExtractor context,
    ILabelPredictor predictions
) : ISelfSupervision
{
    private readonly IFeatureExtractor encoder = encoder ?? throw new ArgumentNullException(nameof(encoder));
    private readonly IFeatureExtractor context = context ?? throw new ArgumentNullException(nameof(context));
    private readonly ILabelPredictor predictions = predictions ?? throw new ArgumentNullException(nameof(predictions));

    /// <summary>Whose rows are looked at. Default all.</summary>
    public ViewedDomains Domains { get; init; }

    /// <summary>The temperature T, positive. Default 1, the paper's.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 1;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Learned => [context, predictions];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [encoder, context, predictions];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        Guard.Options(this);
        var batches = ViewedRows.Of(step, Domains, "predictive coding");
        var latents = ViewedRows.Joined(batches, batch => Sequences(step.Features(encoder, batch)));
        var contexts = context.Extract(latents);
        if (contexts.dim() != 3 || contexts.shape[0] != latents.shape[0] || contexts.shape[1] != latents.shape[1])
        {
            throw new ArgumentException(
                $"the context network must give [{latents.shape[0]}, {latents.shape[1]}, m]; got {Shape.Of(contexts)}.",
                nameof(step)
            );
        }
        var guesses = predictions.Predict(contexts.reshape(-1, contexts.shape[2]));
        return Of(latents, guesses.reshape(latents.shape[0], latents.shape[1], -1), Temperature);
    }

    /// <summary>The loss of some guesses.</summary>
    /// <param name="latents">Latents z <c>[n, T, k]</c>.</param>
    /// <param name="guesses">What each time guesses of the next S <c>[n, T, S k]</c>.</param>
    /// <param name="temperature">The temperature.</param>
    /// <returns>A scalar, differentiable in both; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or there are no S further times.</exception>
    public static Tensor Of(Tensor latents, Tensor guesses, double temperature = 1)
    {
        Guard.Alive(latents);
        Guard.Alive(guesses);
        Guard.Positive(temperature);
        var fits =
            latents.dim() == 3
            && guesses.dim() == 3
            && guesses.shape[0] == latents.shape[0]
            && guesses.shape[1] == latents.shape[1]
            && guesses.shape[2] % latents.shape[2] == 0;
        var ahead = fits ? guesses.shape[2] / latents.shape[2] : 0;
        if (!fits || ahead < 1 || ahead >= latents.shape[1])
        {
            throw new ArgumentException(
                "guesses must be [n, T, S k] for latents [n, T, k], with S from 1 to T - 1; got "
                    + $"{Shape.Of(guesses)} for {Shape.Of(latents)}.",
                nameof(guesses)
            );
        }
        using var scope = NewDisposeScope();
        var (times, k) = (latents.shape[1], latents.shape[2]);
        var terms = new List<Tensor>();
        for (long s = 1; s <= ahead; s++)
        {
            // A batch of matrices, one a time: the guesses of all rows against the latents of all rows.
            var queries = guesses.narrow(1, 0, times - s).narrow(2, (s - 1) * k, k).transpose(0, 1);
            var keys = latents.narrow(1, s, times - s).transpose(0, 1);
            var products = queries.matmul(keys.transpose(1, 2)) / temperature; // [T - s, n, n]
            terms.Add((products.logsumexp(2) - products.diagonal(0, 1, 2)).mean());
        }
        return stack([.. terms]).mean().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// InfoNCE of queries and keys: <c>mean_i -log( exp(q_i . k_i / T) / sum_j exp(q_i . k_j / T) )</c>.
    /// </summary>
    /// <param name="queries">Queries <c>[n, k]</c>.</param>
    /// <param name="keys">The key of each query, and so of no other, <c>[n, k]</c>.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <returns>
    /// A scalar, differentiable in both; <c>log n</c> less it bounds their mutual information from below. The caller
    /// disposes it.
    /// </returns>
    public static Tensor InfoNce(Tensor queries, Tensor keys, double temperature = 1)
    {
        Guard.Pair(queries, keys);
        Guard.Positive(temperature);
        if (queries.shape[0] != keys.shape[0])
        {
            throw new ArgumentException(
                $"keys must have a row for each of the {queries.shape[0]} queries; got {Shape.Of(keys)}.",
                nameof(keys)
            );
        }
        using var scope = NewDisposeScope();
        var products = queries.matmul(keys.t()) / temperature;
        return (products.logsumexp(1) - products.diagonal()).mean().MoveToOuterDisposeScope();
    }

    private static Tensor Sequences(Tensor latents) =>
        latents.dim() switch
        {
            3 => latents,
            4 => latents.permute(0, 3, 2, 1).reshape(-1, latents.shape[2], latents.shape[1]),
            _ => throw new ArgumentException(
                $"the encoder must give latents [n, T, k] or maps [n, k, height, width]; got {Shape.Of(latents)}."
            ),
        };
}
