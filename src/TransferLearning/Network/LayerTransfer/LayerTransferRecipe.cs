using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Layer transfer (Yosinski et al. 2014): the first layers of a trained network start those of another. A plan to
    /// <c>Copy</c> by and for <c>Optimize</c>.
    /// </summary>
    /// <param name="layers">How many layers. Default 1.</param>
    /// <param name="freezes">Whether the copied layers are frozen. Default false.</param>
    public static LayerTransfer LayerTransfer(int layers = 1, bool freezes = false) =>
        new(layers) { Freezes = freezes };

    /// <summary>
    /// Layer transfer, freeze, then all: when the fit starts, layers of a trained network are copied; they stay frozen
    /// for some epochs, while the rest learns to use them, and then everything moves.
    /// </summary>
    /// <param name="trained">The trained network; it stays as it is.</param>
    /// <param name="extractor">The new one, whose layers take the copies.</param>
    /// <param name="predictor">The new head.</param>
    /// <param name="layers">How many layers. Default 1.</param>
    /// <param name="frozenEpochs">For how many epochs they are frozen. Default 5, half of a training's own ten.</param>
    /// <param name="last">Whether the last layers are copied instead of the first ones. Default false.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder FreezeThenAll(
        ModulePart trained,
        ModulePart extractor,
        ILabelPredictor predictor,
        int layers = 1,
        int frozenEpochs = 5,
        bool last = false,
        IObjective? loss = null
    )
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentOutOfRangeException.ThrowIfLessThan(frozenEpochs, 1);
        var transfer = new LayerTransfer(layers) { IsLast = last, FrozenEpochs = frozenEpochs };
        return new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Use(new LayersCopied(transfer, trained, extractor))
                    .Optimize(extractor, plan: transfer)
        );
    }

    /// <inheritdoc cref="FreezeThenAll(ModulePart, ModulePart, ILabelPredictor, int, int, bool, IObjective?)"/>
    public static AdaptationBuilder FreezeThenAll(
        nn.Module<Tensor, Tensor> trained,
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        int layers = 1,
        int frozenEpochs = 5,
        bool last = false,
        IObjective? loss = null
    ) => FreezeThenAll(trained.AsPart(), extractor.AsPart(), predictor.AsPart(), layers, frozenEpochs, last, loss);
}
