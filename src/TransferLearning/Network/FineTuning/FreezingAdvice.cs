using System.Globalization;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// What of a pre-trained network to train, by how many labeled rows there are and how near they are to what it was
/// trained on.
/// </summary>
/// <remarks>
/// <para>The rule of the field's courses (Karpathy, "Transfer Learning", Stanford CS231n), and no more than a
/// start:</para>
/// <list type="bullet">
/// <item>few rows and near: train a head alone; more would overfit;</item>
/// <item>few and far: train a head on the features of an earlier layer, which know less of the old task;</item>
/// <item>many and near: tune everything;</item>
/// <item>many and far: tune everything, or train from new parameters; trained ones are rarely worse.</item>
/// </list>
/// <para>
/// What is few is a convention, too: below 1,000 rows a class (Marcelino 2018, "Transfer Learning from Pre-trained
/// Models", for images).
/// </para>
/// </remarks>
public sealed record FreezingAdvice
{
    private FreezingAdvice(FreezingChoice choice, FreezingPlan plan, string? until, string sentence) =>
        (Choice, Plan, Until, Sentence) = (choice, plan, until, sentence);

    /// <summary>What is to be trained.</summary>
    public FreezingChoice Choice { get; }

    /// <summary>The plan for the network.</summary>
    public FreezingPlan Plan { get; }

    /// <summary>
    /// The name of the child whose output is to be the features, where the network is to be cut; null where it is not.
    /// </summary>
    public string? Until { get; }

    /// <summary>The advice and its reasons, in words.</summary>
    public string Sentence { get; }

    /// <summary>Advises.</summary>
    /// <param name="network">The pre-trained network; its direct children with parameters count as its layers.</param>
    /// <param name="target">The labeled rows of the new task.</param>
    /// <param name="distance">
    /// How far the new rows are from those of the old task, from 0 to 2: the proxy A-distance
    /// (<c>new ProxyADistance().Between(old, new)</c>), of the network's features at best.
    /// </param>
    /// <param name="many">From how many rows a class on they are many, at least 1. Default 1,000.</param>
    /// <param name="far">From which distance on they are far, from 0 to 2. Default 1.</param>
    /// <exception cref="ArgumentException">The network has no children with parameters.</exception>
    public static FreezingAdvice Of(
        nn.Module network,
        LabeledDomain target,
        double distance,
        int many = 1000,
        double far = 1
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(target);
        Guard.Alive(target.Labels, nameof(target));
        Guard.Within(distance, 0, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(many, 1);
        Guard.Within(far, 0, 2);
        var layers = network
            .named_children()
            .Where(child => child.module.parameters().Any())
            .Select(child => child.name)
            .ToList();
        if (layers.Count == 0)
        {
            throw new ArgumentException(
                $"network must have layers, direct children with parameters; {network.GetName()} has none.",
                nameof(network)
            );
        }
        var perClass = target.Space.IsClasses ? target.Count / target.Space.Width : target.Count;
        var (isMany, isFar) = (perClass >= many, distance >= far);
        var reason = string.Create(
            CultureInfo.InvariantCulture,
            $"{perClass} rows{(target.Space.IsClasses ? " a class" : "")} are {(isMany ? "many" : "few")}, and a "
                + $"distance of {distance:0.##} is {(isFar ? "far" : "near")}"
        );
        var kept = (layers.Count + 1) / 2;
        var frozen = FreezingPlan.None.Freeze("");
        return (isMany, isFar) switch
        {
            (false, false) => new(
                FreezingChoice.Head,
                frozen,
                null,
                $"{reason}: freeze the network and train a new head alone."
            ),
            (false, true) => new(
                FreezingChoice.EarlierFeatures,
                FreezingPlan.None.FreezeFirst(kept),
                layers[kept - 1],
                $"{reason}: cut the network behind '{layers[kept - 1]}', {kept} of its {layers.Count} layers, freeze "
                    + "what is left and train a head on these features; uncut, let the later layers move."
            ),
            (true, false) => new(
                FreezingChoice.Everything,
                FreezingPlan.None,
                null,
                $"{reason}: tune all layers from the trained parameters."
            ),
            _ => new(
                FreezingChoice.EverythingOrAnew,
                FreezingPlan.None,
                null,
                $"{reason}: tune all layers from the trained parameters, and compare on held-out rows with a training "
                    + "from new ones."
            ),
        };
    }

    /// <inheritdoc />
    public override string ToString() => Sentence;
}
